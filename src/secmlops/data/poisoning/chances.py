"""How much evidence an itemset needs, so that honest tables seldom alarm although so many of them are looked at.

Combinations that no more rows hold than their values make one expect were not planted, and are left alone. Each kind of
itemset has the same share of the chances for a false alarm, so that the few numbers that lie apart do not pay for the
many that do not. Within a kind they are shared out twice: evenly, and by how much an itemset stands out (weighted
Bonferroni: Genovese, Roeder and Wasserman, Biometrika 2006). Neither looks at a label, so it costs nothing; where much
stands out by nature, the weights are worth little.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.data.poisoning.itemsets import Cells, Kind

# A bound on false alarms for each honest table, of ratios to a natural rule that fits as well as any: chance lifts them
# far more seldom than it allows.
_FALSE_ALARMS = 1.0
_LEAST_LIFT = 8.0
_MOST = 14.0
_QUANTILE, _NORMAL = 0.9, 1.2816  # of the standard normal distribution
_PROMINENT = 6.0
_COMBINED = (Kind.PAIR, Kind.TRIPLE)

LEAST = 2.3
"""Nats that are needed at least, ten to one, however few itemsets there are."""

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Usual:
    """So many itemsets ``tested`` of one kind, the ``spread`` of all lifts, and all weights in nats."""

    tested: int
    spread: float
    weights: float


@dataclass(frozen=True, slots=True)
class Chances:
    """What is usual in one table, by kind of itemset."""

    usual: Mapping[Kind, _Usual]

    @classmethod
    def of(cls, seen: Sequence[Cells]) -> "Chances":
        """Learn it from all itemsets that were looked at."""
        usual = {}
        for kind in Kind:
            same = [one for one in seen if one.kind is kind]
            lifts = np.concatenate([np.empty(0), *(one.lift for one in same)])
            tested = sum(int(np.count_nonzero(stands_out(one))) for one in same)
            usual[kind] = _usual(lifts, tested, _spread(lifts) if kind in _COMBINED else 1.0)
        return cls(usual)

    def tested(self, kind: Kind) -> int:
        """Number of itemsets of a kind, at least 1."""
        return max(self.usual[kind].tested, 1)

    def lift(self, kind: Kind, lift: float) -> float:
        """Lift of an itemset, scaled by what is usual for its kind, in nats."""
        return lift / self.usual[kind].spread ** 2

    def needed(self, kind: Kind, lift: float) -> float:
        """Nats that must speak for a trigger of an itemset of this kind with this lift."""
        usual = self.usual[kind]
        evenly, scaled = float(np.log(self.tested(kind))), self.lift(kind, lift)
        weighted = usual.weights - min(scaled, _MOST) if scaled >= _PROMINENT else evenly
        return max(min(evenly, weighted) + float(np.log(len(Kind) / _FALSE_ALARMS)), LEAST)


def stands_out(cell: Cells) -> npt.NDArray[np.bool_]:
    """Which of these itemsets [m] somebody may have planted: all single values, and combinations of many more rows."""
    return cell.lift >= (_LEAST_LIFT if cell.kind in _COMBINED else 0.0)


def _spread(lifts: Matrix) -> float:
    """Unit of the signed roots of the deviances, at least 1 (an empirical null: Efron, JASA 2004)."""
    return max(float(np.quantile(np.sqrt(2 * lifts), _QUANTILE)) / _NORMAL, 1.0) if len(lifts) else 1.0


def _usual(lifts: Matrix, tested: int, spread: float) -> _Usual:
    scaled = np.minimum(lifts / spread**2, _MOST)
    weights = float(np.log(np.exp(scaled - _MOST).sum()) + _MOST) if len(lifts) else 0.0
    return _Usual(tested, spread, weights)
