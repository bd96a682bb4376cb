"""ECOD: how far out a row lies in the tails of its features, each on its own (Li et al., TKDE 2022).

The published method ranks the rows of a test set among themselves; one outlier among many of its like then looks
common. This one is inductive: each feature's tail probabilities stand in a table of 513 quantiles, learned once.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import VerificationError
from secmlops.detect.detector import Rows, Scores, check_reference, check_width
from secmlops.runtime.arrays import Array, pack, unpack

POINTS = 513
_OUTSIDE = 0.25  # how far beyond the range of its feature a value may still be told apart; all of it is one cell


@dataclass(frozen=True, slots=True, eq=False)
class Ecod:
    """Score: the largest of three sums over features of -ln(tail): left tails, right tails, the longer tail of each.

    All features share one sorted table, so that one search finds every cell of a row: feature j is mapped to
    [2j, 2j + 1], with room on both sides for what lies outside its range. ``per_unit`` and ``shift`` float64 [p] map
    it, ``knots`` float64 [m] are the borders of the cells and ``tails`` float64 [m + 1, 3] their three surprisals.
    """

    KIND: ClassVar[str] = "ecod"

    per_unit: npt.NDArray[np.float64]
    shift: npt.NDArray[np.float64]
    knots: npt.NDArray[np.float64]
    tails: npt.NDArray[np.float64]
    _least: npt.NDArray[np.float64]
    _most: npt.NDArray[np.float64]

    @classmethod
    def fit(cls, rows: Rows) -> "Ecod":
        """Learn from reference rows [n, p]; raises InputError unless they are finite and at least two."""
        check_reference(rows)
        columns = np.sort(rows.astype(np.float64), axis=0).T
        lowest, span = columns[:, 0], columns[:, -1] - columns[:, 0]
        per_unit = 1 / np.where(span > 0, span, 1)
        shift = 2 * np.arange(len(columns)) - lowest * per_unit
        mapped = columns * per_unit[:, None] + shift[:, None]
        knots, tails = zip(*(_cells(column) for column in mapped), strict=True)
        borders = [np.append(2 * j - 2 * _OUTSIDE, own) for j, own in enumerate(knots)]
        end = np.array([2 * len(columns) - 2 * _OUTSIDE])  # only NaN is sorted behind it
        strangest = np.full((1, 3), np.log(len(rows) + 1))
        return cls._prepared(
            per_unit, shift, np.concatenate([*borders, end]), np.concatenate([strangest, *tails, strangest])
        )

    @classmethod
    def _prepared(cls, per_unit: Array, shift: Array, knots: Array, tails: Array) -> "Ecod":
        starts = 2 * np.arange(len(shift)).astype(np.float64)
        return cls(per_unit, shift, knots, tails, starts - _OUTSIDE, starts + 1 + _OUTSIDE)

    @property
    def width(self) -> int:
        """Number of columns of the rows."""
        return len(self.shift)

    def score(self, rows: Rows) -> Scores:
        """Scores float64 [n], in nats; NaN counts as beyond every tail."""
        check_width(rows, self.width)
        places = rows * self.per_unit
        places += self.shift
        places.clip(self._least, self._most, out=places)
        sums = np.add.reduce(self.tails.take(self.knots.searchsorted(places, "right"), 0), 1)
        scores: Scores = np.maximum.reduce(sums, 1)
        return scores

    def to_bytes(self) -> bytes:
        """Everything learned."""
        arrays = {"per_unit": self.per_unit, "shift": self.shift, "knots": self.knots, "tails": self.tails}
        return pack(self.KIND, arrays)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Ecod":
        """Read what ``to_bytes`` wrote; raises VerificationError on anything else."""
        expected = {"per_unit": ("F64", 1), "shift": ("F64", 1), "knots": ("F64", 1), "tails": ("F64", 2)}
        read = cls._prepared(**unpack(data, cls.KIND, expected))
        fits = len(read.per_unit) == read.width > 0 and read.tails.shape == (len(read.knots) + 1, 3)
        if not fits or (read.per_unit <= 0).any() or (np.diff(read.knots) < 0).any() or (read.tails < 0).any():
            raise VerificationError("the stored ecod does not fit together")
        return read


def _cells(column: Array) -> tuple[Array, Array]:
    """Borders [m] and tails [m, 3] of the cells of one sorted column; the first cell lies below every border.

    A value that repeats gets a cell of its own. The quantiles stand closer in the tails, where they matter.
    """
    rows = len(column)
    levels = (1 - np.cos(np.linspace(0, np.pi, POINTS))) / 2
    values = np.unique(column[np.rint(levels * (rows - 1)).astype(np.intp)])
    atoms = values[column.searchsorted(values, "right") - column.searchsorted(values, "left") > 1]
    after = np.nextafter(atoms, np.inf)
    borders = np.union1d(values, after)
    starts = np.append(0, column.searchsorted(borders, "left"))  # rows under the cell, then under its end
    ends = np.append(starts[1:], rows)
    middle = (starts + ends) / 2
    atom = np.append(False, np.isin(borders, atoms))
    left = np.where(atom, ends, middle)
    right = rows - np.where(atom, starts, middle)
    tails = -np.log((np.stack([left, right], axis=1) + 1) / (rows + 1))
    longer = tails[:, 0] if _skewness(column) < 0 else tails[:, 1]
    return borders, np.maximum(np.column_stack([tails, longer]), 0)


def _skewness(column: Array) -> float:
    deviations = column - column.mean()
    return float((deviations**3).mean())
