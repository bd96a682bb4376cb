"""How far a row is from known ones: the distances to the nearest of several samples of them, in the local scale."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.detector import Rows

SAMPLES = 8
_NEAREST = 4
_MOST = 512
_NOWHERE = np.float32(1e30)  # squared distance of a place in a sample that no row fills
_LEAST = 1e-6  # distance at which rows are the same
_SCALES = 4  # local scales are within such a factor of the usual one


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Known ``rows`` float32 [m, p], dealt out to ``SAMPLES`` samples.

    The score is the mean of the four smallest distances among those to the nearest row of each sample (Sugiyama and
    Borgwardt, "Rapid distance-based outlier detection via sampling", NIPS 2013): as robust as neighbours of higher
    rank, but minima of columns cost a tenth of a partial sort. Distances are divided by the root of how far apart known
    rows lie thereabouts, relative to the usual (between the plain distance and the one of Breunig et al., "LOF", SIGMOD
    2000): what is far out in a crowd may be near where rows are few.
    """

    rows: Rows
    _turned: Rows
    _norms: Rows

    @classmethod
    def of(cls, rows: Rows) -> "Known":
        """Compare with these rows; raises VerificationError when there are fewer than samples, or far too many."""
        if rows.ndim != 2 or not SAMPLES <= len(rows) <= _MOST:
            raise VerificationError(f"{len(rows)} known rows are too few or too many to compare with")
        own = cls._scaled(rows, np.ones(len(rows), np.float32)).own()
        usual = max(float(np.median(own)), _LEAST)
        weights = usual / own.clip(usual / _SCALES, usual * _SCALES)
        return cls._scaled(rows, weights.astype(np.float32))

    @classmethod
    def _scaled(cls, rows: Rows, weights: Rows) -> "Known":
        """Squared distances from each row are multiplied by its weight [m]."""
        gaps = -len(rows) % SAMPLES
        turned = np.column_stack([-2 * weights[:, None] * rows, weights])  # the last for the row's own squared norm
        norms = np.append(weights * np.vecdot(rows, rows), np.full(gaps, _NOWHERE))
        turned = np.concatenate([turned, np.zeros((gaps, turned.shape[1]), np.float32)])
        return cls(rows, turned, norms[:, None])

    @classmethod
    def drawn(cls, rows: Rows, generator: np.random.Generator) -> "Known":
        """Compare with some of these rows, drawn without replacement; raises InputError when there are too few."""
        if len(rows) < SAMPLES:
            raise InputError(f"{len(rows)} known rows are too few to compare with", hint=f"give {SAMPLES} or more")
        return cls.of(np.ascontiguousarray(rows[generator.permutation(len(rows))[:_MOST]]))

    def score(self, rows: Rows) -> npt.NDArray[np.float32]:
        """Scores float32 [n] of rows float32 [n, p], in the unit of the columns."""
        return self._scores(self._squares(rows))

    def own(self) -> npt.NDArray[np.float32]:
        """Scores float32 [m] of the known rows, each compared with the others only."""
        squares = self._squares(self.rows)
        np.fill_diagonal(squares, _NOWHERE)
        return self._scores(squares)

    def _squares(self, rows: Rows) -> Rows:
        squares: Rows = self._turned @ np.concatenate([rows.T, np.vecdot(rows, rows)[None]])
        squares += self._norms
        return squares

    @staticmethod
    def _scores(squares: Rows) -> npt.NDArray[np.float32]:
        least = squares.reshape(-1, SAMPLES, squares.shape[1]).min(axis=0)
        least.sort(axis=0)
        distances = np.sqrt(np.maximum(least[:_NEAREST], 0))
        scores: npt.NDArray[np.float32] = distances.sum(axis=0) / np.float32(_NEAREST)
        return scores
