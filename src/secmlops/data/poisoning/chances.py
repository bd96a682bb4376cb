"""How much evidence an itemset needs, so that honest tables seldom alarm although so many of them are looked at.

The chances for a false alarm are shared out twice: evenly, and by how many more rows hold an itemset than its values
make one expect (weighted Bonferroni: Genovese, Roeder and Wasserman, Biometrika 2006). The weights look at no label, so
they cost nothing; where much stands out by nature, they are worth little.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.data.poisoning.itemsets import WIDEST, Cells

# Sums over all itemsets of exp(-nats). What is compared with them are ratios to the best natural rule, which chance
# lifts far more seldom than these bounds allow: they were set where honest tables no longer alarmed.
_EVENLY, _BY_WEIGHT = 1.0, 0.3
_LEAST = 3.0  # nats, twenty to one, however few itemsets there are
_MOST = 14.0
_QUANTILE, _NORMAL = 0.9, 1.2816  # of the standard normal distribution
_PROMINENT = 6.0

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Width:
    """So many itemsets ``tested`` of one number of columns, the ``spread`` of their lifts, and all weights in nats."""

    tested: int
    spread: float
    weights: float


@dataclass(frozen=True, slots=True)
class Chances:
    """What is usual in one table, by number of columns."""

    widths: tuple[_Width, ...]

    @classmethod
    def of(cls, seen: Sequence[Cells]) -> "Chances":
        """Learn it from all itemsets that were looked at."""
        widths = []
        for width in range(1, WIDEST + 1):
            lifts = np.concatenate([np.empty(0), *(one.lift for one in seen if len(one.places) == width)])
            widths.append(_width(lifts, 1.0 if width == 1 else _spread(lifts)))
        return cls(tuple(widths))

    def tested(self, columns: int) -> int:
        """Number of itemsets of so many columns, at least 1."""
        return max(self.widths[columns - 1].tested, 1)

    def lift(self, columns: int, lift: float) -> float:
        """Lift of an itemset, scaled by what is usual for so many columns, in nats."""
        return lift / self.widths[columns - 1].spread ** 2

    def needed(self, columns: int, lift: float) -> float:
        """Nats that the labels must tell of an itemset of so many columns with this lift."""
        width = self.widths[columns - 1]
        evenly = float(np.log(self.tested(columns) * WIDEST / _EVENLY))
        scaled = self.lift(columns, lift)
        weighted = width.weights - min(scaled, _MOST) + float(np.log(WIDEST / _BY_WEIGHT))
        return max(min(evenly, weighted) if scaled >= _PROMINENT else evenly, _LEAST)


def _spread(lifts: Matrix) -> float:
    """Unit of the signed roots of the deviances, at least 1 (an empirical null: Efron, JASA 2004)."""
    return max(float(np.quantile(np.sqrt(2 * lifts), _QUANTILE)) / _NORMAL, 1.0) if len(lifts) else 1.0


def _width(lifts: Matrix, spread: float) -> _Width:
    scaled = np.minimum(lifts / spread**2, _MOST)
    weights = float(np.log(np.exp(scaled - _MOST).sum()) + _MOST) if len(lifts) else 0.0
    return _Width(len(lifts), spread, weights)
