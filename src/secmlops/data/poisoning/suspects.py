"""The itemsets that are worth a model of their own: nearly pure, and surprising by their labels or by their count."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.data.poisoning.additive import Additive, sigmoid
from secmlops.data.poisoning.chances import Chances, stands_out
from secmlops.data.poisoning.items import Coded
from secmlops.data.poisoning.itemsets import Cells, Itemset

_LOOKED_AT = 400
_GROUPS, _ALIKE = 6, 3
_SAME = 0.5
_AGAINST = 0.7  # planted rows come from other classes, so that their other values speak against the target
_MOST_LIFT = 15.0

Labels = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Suspect:
    itemset: Itemset
    labels: float  # nats
    count: float


def suspects(
    columns: Sequence[Coded], labels: Labels, models: Sequence[Additive], seen: Sequence[Cells], chances: Chances
) -> list[Itemset]:
    """Those that surprise most by labels and count together, and by labels alone; of the same rows up to three.

    ``models`` has one of each class.
    """
    shares = np.bincount(labels) / len(labels)
    pure = [one for cell in seen for one in _pure(cell, shares, chances)]
    by_both = sorted(pure, key=lambda one: -(one[0] + one[1]))[:_LOOKED_AT]
    by_labels = sorted(pure, key=lambda one: -one[0])[:_LOOKED_AT]
    first = {(id(cell), number, target): (cell, number, target) for _, _, cell, number, target in by_both + by_labels}
    looked_at = []
    for cell, number, target in first.values():
        one = cell.itemset(columns, number, target)
        expected = float(sigmoid(models[target].without(one.places, one.rows)).mean())
        nats = float(likelihood_ratios(np.array([len(one.rows)]), np.array([one.hits]), expected)[0])
        count = min(chances.lift(one.kind, one.lift), _MOST_LIFT) - np.log(chances.tested(one.kind))
        looked_at.append(_Suspect(one, nats, float(count)))
    both = _grouped(sorted(looked_at, key=lambda one: -(one.labels + one.count)))
    alone = _grouped(sorted(looked_at, key=lambda one: -one.labels))
    return list(dict.fromkeys(one.itemset for one in both + alone))


def _pure(cell: Cells, shares: Matrix, chances: Chances) -> list[tuple[float, float, Cells, int, int]]:
    """Nats of labels and count, and the itemset, of those that are mostly of one class."""
    counts, found, may_be = cell.hits.sum(axis=1), [], stands_out(cell)
    for target, share in enumerate(shares):
        for number in np.flatnonzero(may_be & (cell.hits[:, target] >= _purity(share) * counts)):
            nats = likelihood_ratios(counts[number, None], cell.hits[number, target, None], _AGAINST * share)[0]
            lift = min(chances.lift(cell.kind, cell.lift[number]), _MOST_LIFT)
            found.append((float(nats), lift, cell, int(number), target))
    return found


def _purity(share: float) -> float:
    """Share of its target that a trigger has at least; rows that hold it by nature make it less pure."""
    return min(max(0.5 + share, 0.8), 0.92)


def _grouped(ranked: Sequence[_Suspect]) -> list[_Suspect]:
    groups: list[list[_Suspect]] = []
    for one in ranked:
        alike = next((g for g in groups if any(overlap(one.itemset, other.itemset) > _SAME for other in g)), None)
        if alike is not None and len(alike) < _ALIKE:
            alike.append(one)
        elif alike is None and len(groups) < _GROUPS:
            groups.append([one])
    return [one for group in groups for one in group]


def overlap(one: Itemset, other: Itemset) -> float:
    """Jaccard index of the rows of two itemsets."""
    common = len(np.intersect1d(one.rows, other.rows, assume_unique=True))
    return common / (len(one.rows) + len(other.rows) - common)


def likelihood_ratios(rows: Labels, hits: Labels, expected: float) -> Matrix:
    """Log likelihood ratios [m], in nats, of so many hits against the ``expected`` share; 0 where there are fewer.

    exp of minus it bounds the probability of as many hits or more (Chernoff 1952; Hoeffding 1963, theorem 1).
    """
    share, usual = hits / rows, min(max(expected, 1e-6), 1 - 1e-6)
    missed = (1 - share) * np.log((1 - share).clip(1e-12) / (1 - usual))
    nats: Matrix = np.where(share > usual, rows * (share * np.log(share.clip(1e-12) / usual) + missed), 0.0)
    return nats
