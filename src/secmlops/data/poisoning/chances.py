"""How much evidence an itemset needs, so that honest tables seldom alarm although so many of them are looked at.

Combinations that no more rows hold than their values make one expect were not planted, and are left alone. Among the
others the chances for a false alarm are shared out twice: evenly, and by how much they stand out (weighted Bonferroni:
Genovese, Roeder and Wasserman, Biometrika 2006). Neither looks at a label, so it costs nothing; where much stands out
by nature, the weights are worth little.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.data.poisoning.itemsets import WIDEST, Cells

# Compared with it are ratios to the best natural rule, which chance lifts far more seldom than this bound allows.
_FALSE_ALARMS = 0.3
_LEAST_LIFT = 8.0
_LEAST = 3.0  # nats, twenty to one, however few itemsets there are
_MOST = 14.0
_QUANTILE, _NORMAL = 0.9, 1.2816  # of the standard normal distribution
_PROMINENT = 6.0

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Width:
    """So many itemsets ``tested`` of one number of columns, the ``spread`` of all lifts, and all weights in nats."""

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
            same = [one for one in seen if len(one.places) == width]
            lifts = np.concatenate([np.empty(0), *(one.lift for one in same)])
            tested = sum(int(np.count_nonzero(stands_out(one))) for one in same)
            widths.append(_width(lifts, tested, 1.0 if width == 1 else _spread(lifts)))
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
        evenly, scaled = float(np.log(self.tested(columns))), self.lift(columns, lift)
        weighted = width.weights - min(scaled, _MOST) if scaled >= _PROMINENT else evenly
        return max(min(evenly, weighted) + float(np.log(WIDEST / _FALSE_ALARMS)), _LEAST)


def stands_out(cell: Cells) -> npt.NDArray[np.bool_]:
    """Which of these itemsets [m] somebody may have planted: all single values, and combinations of many more rows."""
    return cell.lift >= (_LEAST_LIFT if len(cell.places) > 1 else 0.0)


def _spread(lifts: Matrix) -> float:
    """Unit of the signed roots of the deviances, at least 1 (an empirical null: Efron, JASA 2004)."""
    return max(float(np.quantile(np.sqrt(2 * lifts), _QUANTILE)) / _NORMAL, 1.0) if len(lifts) else 1.0


def _width(lifts: Matrix, tested: int, spread: float) -> _Width:
    scaled = np.minimum(lifts / spread**2, _MOST)
    weights = float(np.log(np.exp(scaled - _MOST).sum()) + _MOST) if len(lifts) else 0.0
    return _Width(tested, spread, weights)
