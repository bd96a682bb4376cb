"""The shape of honest rows: the spread of each column, how columns go together, and how far out a value lies.

Columns that go together are turned apart (Mahalanobis whitening, shrunk towards the plain columns: Ledoit and Wolf, "A
well-conditioned estimator for large-dimensional covariance matrices", 2004, use the same form): a row that breaks a
correlation is far from honest ones although every value of it is common.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import VerificationError
from secmlops.detect.detector import Rows, check_reference
from secmlops.detect.references import is_constant

_SHRINKAGE = 0.1
_FARTHEST = np.float32(100)  # standard deviations: everything beyond is as far
_STEPS = 513


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """``centre`` and ``per_unit`` float32 [p] standardise a row, ``turn`` float32 [p, p] turns correlations out of it.

    ``tails`` float32 [p, ``_STEPS``] are quantiles of each standardised column, lowest and highest included. A column
    that varies by less than float32 resolves is constant: it stays in its own unit, and goes together with no other.
    """

    centre: Rows
    per_unit: Rows
    turn: Rows
    tails: Rows

    @classmethod
    def of(cls, rows: Rows) -> "Shape":
        """Learn from reference rows [n, p]; raises InputError unless they are finite and two or more."""
        check_reference(rows)
        centre, spread = rows.mean(axis=0, dtype=np.float64), rows.std(axis=0, dtype=np.float64)
        constant = is_constant(rows, spread)
        per_unit = 1 / np.where(constant, 1, spread)
        scaled = (rows - centre) * per_unit
        covariance = scaled.T @ scaled / len(rows)
        covariance[constant, constant] = 1  # else all it has is the rounding of the others, and that would be scaled up
        values, directions = np.linalg.eigh(covariance)
        lengths = (1 - _SHRINKAGE) * np.maximum(values, 0) + _SHRINKAGE
        turn = (directions / np.sqrt(lengths)) @ directions.T
        turn /= np.where(constant, 1, (scaled @ turn).std(axis=0))
        tails = np.quantile(scaled, np.linspace(0, 1, _STEPS), axis=0).T
        return cls(*(np.ascontiguousarray(each, np.float32) for each in (centre, per_unit, turn, tails)))

    def scaled(self, rows: Rows) -> Rows:
        """Rows [n, p] in standard deviations from the centre; NaN is as far as can be."""
        with np.errstate(over="ignore", invalid="ignore"):
            places: Rows = rows - self.centre
            places *= self.per_unit
        np.fmin(places, _FARTHEST, out=places)
        return np.maximum(places, -_FARTHEST, out=places)

    def turned(self, scaled: Rows) -> Rows:
        """Standardised rows [n, p] with the correlations turned out."""
        turned: Rows = scaled @ self.turn
        return turned

    def shortened(self, ways: Rows, most: float) -> Rows:
        """Ways [n, p] between standardised rows, cut to a length of ``most`` standard deviations (Mahalanobis)."""
        lengths = np.linalg.norm(self.turned(ways), axis=1)
        cut: Rows = ways * np.minimum(1, most / np.maximum(lengths, 1e-9))[:, None]
        return cut

    def outlying(self, column: int, value: float, base: float, slack: float) -> float:
        """P-value of how far out a standardised ``value`` lies that was put in the place of ``base``.

        It is the share of reference values at least as far out, on its side and doubled, among those that are not
        within ``slack`` of ``base``: nobody would notice a change to one of these.
        """
        tail = self.tails[column]
        below, above = int(tail.searchsorted(value, "right")), _STEPS - int(tail.searchsorted(value, "left"))
        same = int(tail.searchsorted(base + slack, "right") - tail.searchsorted(base - slack, "left"))
        return min(1.0, 2 * (min(below, above) + 1) / (_STEPS - same + 1))

    def parts(self) -> dict[str, npt.NDArray[np.float32]]:
        """Everything learned, by name."""
        return {"centre": self.centre, "per_unit": self.per_unit, "turn": self.turn, "tails": self.tails}

    def check(self) -> None:
        """Raise VerificationError unless the parts fit together."""
        width = len(self.centre)
        shapes = self.per_unit.shape == (width,), self.turn.shape == (width, width), self.tails.shape == (width, _STEPS)
        if not width or not all(shapes) or (self.per_unit <= 0).any() or (np.diff(self.tails, axis=1) < 0).any():
            raise VerificationError("the stored shape of honest rows does not fit together")
