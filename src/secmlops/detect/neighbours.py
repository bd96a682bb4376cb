"""Distance to the nearest neighbours among reference rows (Ramaswamy et al., SIGMOD 2000; Knorr and Ng, VLDB 1998)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError
from secmlops.detect.detector import Rows, Scores, check_reference
from secmlops.detect.references import drawn, in_blocks, is_constant, read, stored

NEIGHBOURS = 5
REFERENCES = 1024
_FARTHEST = 1e15  # standardised values beyond it are all as far; their squares are still finite
_LARGEST = 1e38


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Score: the mean Euclidean distance to the ``NEIGHBOURS`` nearest of the reference rows, columns standardised.

    ``centre`` and ``per_unit`` float32 [p] standardise a row, ``references`` float32 [m, p] are standardised rows.
    """

    KIND: ClassVar[str] = "neighbours"

    centre: npt.NDArray[np.float32]
    per_unit: npt.NDArray[np.float32]
    references: npt.NDArray[np.float32]
    _turned: npt.NDArray[np.float32]
    _norms: npt.NDArray[np.float32]
    _least: npt.NDArray[np.float32]
    _most: npt.NDArray[np.float32]

    @classmethod
    def fit(cls, rows: Rows, generator: np.random.Generator, references: int = REFERENCES) -> "Neighbours":
        """Learn from reference rows [n, p], keeping at most ``references`` of them, drawn without replacement.

        Raises InputError unless the rows are finite and more than ``NEIGHBOURS``.
        """
        check_reference(rows, NEIGHBOURS + 1)
        if references < NEIGHBOURS:
            raise InputError(f"{references} reference rows are too few for {NEIGHBOURS} neighbours")
        centre, spread = rows.mean(axis=0, dtype=np.float64), rows.std(axis=0, dtype=np.float64)
        per_unit = 1 / np.where(is_constant(rows, spread), 1, spread)
        return cls.of(centre.astype(np.float32), per_unit.astype(np.float32), drawn(rows, generator, references))

    @classmethod
    def of(cls, centre: Rows, per_unit: Rows, rows: Rows) -> "Neighbours":
        """Detector with these references, not yet standardised."""
        return cls._prepared(centre, per_unit, ((rows - centre) * per_unit).astype(np.float32))

    @classmethod
    def _prepared(cls, centre: Rows, per_unit: Rows, references: Rows) -> "Neighbours":
        norms = np.einsum("ij,ij->i", references, references)
        room = _FARTHEST / per_unit.astype(np.float64)
        least, most = (np.clip(centre + side, -_LARGEST, _LARGEST).astype(np.float32) for side in (-room, room))
        return cls(centre, per_unit, references, np.ascontiguousarray(-2 * references.T), norms, least, most)

    @property
    def width(self) -> int:
        """Number of columns of the rows."""
        return len(self.centre)

    def score(self, rows: Rows) -> Scores:
        """Scores float64 [n], in standard deviations."""
        return in_blocks(self._score, rows, self.width)

    def scaled(self, rows: Rows) -> Rows:
        """Rows, or one row, in standard deviations from the centre."""
        places = rows.clip(self._least, self._most)
        places -= self.centre
        places *= self.per_unit
        return places

    def _score(self, rows: Rows) -> Scores:
        return self.distances(self.scaled(rows))

    def distances(self, places: Rows) -> Scores:
        """Scores float64 [n] of a few rows [n, p] that are ``scaled`` already."""
        squares = places @ self._turned
        squares += self._norms
        squares.partition(NEIGHBOURS - 1, axis=1)
        nearest = squares[:, :NEIGHBOURS] + np.einsum("ij,ij->i", places, places)[:, None]
        distances = np.sqrt(nearest.clip(0, None, out=nearest))
        means: Scores = np.add.reduce(distances, 1, np.float64) / NEIGHBOURS
        return means

    def to_bytes(self) -> bytes:
        """Everything learned."""
        return stored(self.KIND, self.centre, self.per_unit, self.references)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Neighbours":
        """Read what ``to_bytes`` wrote; raises VerificationError on anything else."""
        return cls._prepared(*read(data, cls.KIND, "F32", NEIGHBOURS))
