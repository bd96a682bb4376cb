"""Distance to the fifth nearest of 128 reference rows, reckoned in whole numbers (Ramaswamy, Rastogi and Shim, 2000).

Rows are put on a grid of 1/1024 standard deviation. Their coordinates are then integers, and so is every product and
sum of a squared distance: float64 holds them exactly, in whatever order a BLAS adds them up. So a row scores the same,
to the last bit, alone and in any batch, on any machine; and rows that are alike tie, as a p-value wants them to.

Few references and not the nearest but the fifth keep a handful of strange rows among the references from making their
like look usual. Scales are winsorised (Tukey, 1962): a hundredth of the rows at either end cannot stretch them.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.detector import Rows, Scores, check_reference
from secmlops.detect.references import drawn, in_blocks, is_constant, read, stored

NEIGHBOUR = 5
REFERENCES = 128
PER_DEVIATION = 2.0**10  # grid steps to a standard deviation
FARTHEST = 2.0**18  # steps from the centre; values beyond it are all as far
CERTAINLY_NEAR = FARTHEST * FARTHEST
"""The squared distance from the centre up to which no coordinate of a row is beyond ``FARTHEST``."""
MAX_WIDTH = 2**13  # up to here the sums stay below 2^53
_WINSORISED = 0.01

Places = npt.NDArray[np.float64]
"""Rows on the grid: whole numbers of at most ``FARTHEST``, and a 1 at the end, float64 [n, p + 1]."""


@dataclass(frozen=True, slots=True, eq=False)
class ExactNeighbours:
    """Score: the squared distance to the ``NEIGHBOUR``-th nearest reference row, in squared grid steps.

    ``centre`` and ``per_unit`` float64 [p] put a row on the grid, ``references`` float32 [m, p] lie on it.
    """

    KIND: ClassVar[str] = "exact-neighbours"

    centre: npt.NDArray[np.float64]
    per_unit: npt.NDArray[np.float64]
    references: npt.NDArray[np.float32]
    _table: npt.NDArray[np.float64]

    @classmethod
    def fit(cls, rows: Rows, generator: np.random.Generator, references: int = REFERENCES) -> "ExactNeighbours":
        """Learn from reference rows [n, p], keeping at most ``references`` of them, drawn without replacement.

        Raises InputError unless the rows are finite, at least ``NEIGHBOUR``, and at most ``MAX_WIDTH`` wide.
        """
        check_reference(rows, NEIGHBOUR)
        if references < NEIGHBOUR or rows.shape[1] > MAX_WIDTH:
            raise InputError(f"{references} references of {rows.shape[1]} columns", hint=f"at most {MAX_WIDTH} columns")
        centre, spread = _location(rows.astype(np.float64))
        per_unit = PER_DEVIATION / spread
        kept = drawn(rows, generator, references)
        return cls._prepared(centre, per_unit, _on_grid(kept, centre, per_unit).astype(np.float32))

    @classmethod
    def _prepared(
        cls, centre: npt.NDArray[np.float64], per_unit: npt.NDArray[np.float64], references: npt.NDArray[np.float32]
    ) -> "ExactNeighbours":
        exact = references.astype(np.float64)
        norms = (exact * exact).sum(axis=1) - 1  # the 1 at the end of a place adds itself to that place's own norm
        return cls(centre, per_unit, references, np.ascontiguousarray(np.vstack([-2 * exact.T, norms])))

    @property
    def width(self) -> int:
        """Number of columns of the rows."""
        return len(self.centre)

    def score(self, rows: Rows) -> Scores:
        """Scores float64 [n], whole numbers; NaN for a row with a NaN."""
        return in_blocks(self._score, rows, self.width)

    def places(self, rows: Rows) -> Places:
        """Rows on the grid."""
        places = np.ones((len(rows), self.width + 1))
        places[:, :-1] = _on_grid(rows, self.centre, self.per_unit)
        return places

    def place_of(self, value: float, column: int) -> float:
        """Place on the grid of a finite float32 ``value`` of one column."""
        steps = round((value - float(self.centre[column])) * float(self.per_unit[column]))
        return float(min(max(steps, -FARTHEST), FARTHEST))

    def table_of(self, references: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        """Table [p + 1, k] of some of the references: times a row on the grid, the squared distances less its own."""
        return np.ascontiguousarray(self._table[:, references])

    def _score(self, rows: Rows) -> Scores:
        places = self.places(rows)
        squares = places @ self._table
        squares.sort(axis=1)  # of so few, quicker than a partition
        scores: Scores = squares[:, NEIGHBOUR - 1] + np.einsum("ij,ij->i", places, places)
        return scores

    def score_of(self, place: Places) -> float:
        """Score of one row [p + 1] on the grid; NaN when a coordinate is missing, or may be beyond ``FARTHEST``."""
        own = float(place.dot(place))
        if not own <= CERTAINLY_NEAR:
            return math.nan
        squares = place.dot(self._table)
        squares.sort()
        nearest: float = squares.item(NEIGHBOUR - 1)
        return nearest + own

    def to_bytes(self) -> bytes:
        """Everything learned."""
        return stored(self.KIND, self.centre, self.per_unit, self.references)

    @classmethod
    def from_bytes(cls, data: bytes) -> "ExactNeighbours":
        """Read what ``to_bytes`` wrote; raises VerificationError on anything else."""
        centre, per_unit, references = read(data, cls.KIND, "F64", NEIGHBOUR)
        on_grid = bool((np.rint(references) == references).all()) and bool((abs(references) <= FARTHEST).all())
        if not on_grid or len(centre) > MAX_WIDTH:
            raise VerificationError("the stored neighbours do not fit together")
        return cls._prepared(centre, per_unit, references)


def _on_grid(
    rows: npt.NDArray[np.float32], centre: npt.NDArray[np.float64], per_unit: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Rows float64 [n, p] in whole steps from the centre."""
    steps = rows - centre  # float64, in which no float32 value can overflow
    steps *= per_unit
    np.rint(steps, steps)
    return steps.clip(-FARTHEST, FARTHEST, out=steps)


def _location(rows: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Mean [p] and standard deviation [p] of the winsorised columns; of the columns as they are where that is 0.

    The unit of a column that is constant is its own: 1.
    """
    low, high = np.quantile(rows, [_WINSORISED, 1 - _WINSORISED], axis=0)
    winsorised = rows.clip(low, high)
    spread, whole = winsorised.std(axis=0), rows.std(axis=0)
    spread = np.where(is_constant(winsorised, spread), np.where(is_constant(rows, whole), 1.0, whole), spread)
    return winsorised.mean(axis=0), spread
