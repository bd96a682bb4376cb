"""Prunes ensembles of trees: of a forest the trees that serve it least, of a boosting the last rounds, and leaves.

Trees of a forest are put in order as in reduce-error pruning (Margineantu and Dietterich, ICML 1997): the next one is
that with which the mean of the chosen trees errs least, in squared distance of probabilities or quantities. A tree is
asked only about training rows that it did not learn from, where it is known which these are. Leaves go by minimal
cost-complexity pruning (Breiman et al. 1984), the weakest link of all trees first. The holdout is never looked at.
"""

import heapq
import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from secmlops.training.compress.ensemble import Design, Ensemble, Indices, Values

MAX_ROWS = 4000
"""Training rows by which trees are chosen, at most."""

_UNJUDGED = float(np.finfo(np.float64).max)
"""Error of a tree that knew all rows: it comes after all others."""


class Kind(Enum):
    """How trees come to an answer: by the mean of equals, or each mending what those before it left."""

    FOREST = "forest"
    BOOSTING = "boosting"


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """Rows float32 [n, d] as trees get them, and the truth [n, k] of each output.

    ``unseen`` bool [T, n] tells which rows a tree did not learn from; None where that is not known.
    """

    design: Design
    truth: Values
    unseen: npt.NDArray[np.bool_] | None = None


def prune_trees(trees: Ensemble, share: float, kind: Kind, lessons: Lessons) -> Ensemble:
    """Keep ``share`` of the trees, or of the rounds; of a forest equal trees count as one with twice the say.

    A forest that has no more different trees than are to be kept answers as before.
    """
    count = len(trees.roots)
    if kind is Kind.BOOSTING:
        in_round = _in_round(trees)
        rounds = math.ceil(share * count / in_round)
        return trees.keep(np.arange(rounds * in_round), np.ones(rounds * in_round))
    first, says = _different(trees)
    wanted = math.ceil(share * count)
    if len(first) <= wanted:
        return trees.keep(first, says)
    chosen = _best(trees.keep(first, np.full(len(first), float(count))), says, _of(lessons, first), wanted)
    return trees.keep(first[chosen], says[chosen] * count / says[chosen].sum())


def prune_leaves(trees: Ensemble, share: float, design: Design) -> Ensemble:
    """Keep ``share`` of all leaves: the branch goes first whose end costs least for each leaf that it saves.

    The cost is the squared change of the tree's answers to the rows [n, d]: of a tree that was grown by impurity the
    rise of its impurity.
    """
    reached = np.bincount(trees.leaves_of(design).ravel(), minlength=len(trees.tree)).astype(np.float64)
    links = _Links(trees, reached)
    tops = links.cut(math.ceil(share * int(trees.leaf.sum())))
    return trees.cut(tops, links.means[tops])


def _of(lessons: Lessons, trees: Indices) -> Lessons:
    unseen = lessons.unseen
    return lessons if unseen is None else Lessons(lessons.design, lessons.truth, unseen[trees])


def _in_round(trees: Ensemble) -> int:
    """Trees of one round of boosting: one, or one for each output where every tree serves a single one."""
    outputs = len(trees.ids)
    served = np.zeros((len(trees.roots), outputs), bool)
    np.logical_or.at(served, trees.tree, (trees.values != 0) & trees.leaf[:, None])
    return outputs if bool((served.sum(axis=1) <= 1).all()) else 1


def _different(trees: Ensemble) -> tuple[Indices, Values]:
    """Number of the first of all trees that are the same [m], and how many there are of each [m]."""
    firsts: dict[bytes, int] = {}
    counts: dict[int, int] = {}
    for number, identity in enumerate(trees.identities()):
        first = firsts.setdefault(identity, number)
        counts[first] = counts.get(first, 0) + 1
    return np.array(list(counts), np.intp), np.array(list(counts.values()), np.float64)


def _best(trees: Ensemble, says: Values, lessons: Lessons, wanted: int) -> Indices:
    """Numbers of the trees [wanted] that a greedy search chooses; ``says`` [T] is how much each one counts."""
    votes = trees.answers(lessons.design)
    counts = says[:, None] * (np.ones(votes.shape[:2]) if lessons.unseen is None else lessons.unseen)
    total, asked = np.zeros(votes.shape[1:]), np.zeros(votes.shape[1])
    left, chosen = np.ones(len(votes), bool), []
    for _ in range(wanted):
        heard = asked + counts
        mean = (total + counts[..., None] * votes) / np.maximum(heard, 1)[..., None]
        off = ((mean - lessons.truth) ** 2).sum(axis=2) * (heard > 0)
        judged = (heard > 0).sum(axis=1)
        error = np.where(judged > 0, off.sum(axis=1) / np.maximum(judged, 1), _UNJUDGED)
        best = int(np.where(left, error, np.inf).argmin())
        left[best] = False
        chosen.append(best)
        asked = heard[best]
        total = total + counts[best][:, None] * votes[best]
    return np.sort(np.array(chosen, np.intp))


class _Links:
    """Branches by what their end costs; ``reached`` [N] is how many rows come to each leaf."""

    def __init__(self, trees: Ensemble, reached: Values) -> None:
        self._trees, places = trees, len(trees.tree)
        self._parent = np.full(places, -1, np.intp)
        branches = np.flatnonzero(~trees.leaf)
        for way in (trees.true, trees.false):
            self._parent[way[branches]] = branches
        weight = np.maximum(reached, 1e-9)  # leaves that no row comes to: their plain mean
        sums, squares = trees.values * weight[:, None], (trees.values**2).sum(axis=1) * weight
        self._leaves = trees.leaf.astype(np.int64)
        sums[branches], squares[branches], weight[branches] = 0, 0, 0
        for place in range(places - 1, -1, -1):  # those below a node come after it
            above = self._parent[place]
            if above >= 0:
                sums[above] += sums[place]
                squares[above] += squares[place]
                weight[above] += weight[place]
                self._leaves[above] += self._leaves[place]
        self.means = sums / weight[:, None]
        self._cost = np.maximum(squares - (sums * self.means).sum(axis=1), 0)

    def cut(self, wanted: int) -> Indices:
        """Places of the branches to end, none below another, so that ``wanted`` leaves are left or fewer."""
        left, gone = int(self._trees.leaf.sum()), np.zeros(len(self._parent), bool)
        queue = [(self._rate(place), place) for place in np.flatnonzero(~self._trees.leaf).tolist()]
        heapq.heapify(queue)
        while left > wanted and queue:
            rate, place = heapq.heappop(queue)
            if self._leaves[place] == 1 or rate != self._rate(place) or self._below(place, gone):
                continue  # it was ended, or one above it, or what lies below it has changed since
            saved, cost = int(self._leaves[place]) - 1, self._cost[place]
            left, gone[place], above = left - saved, True, int(place)
            while above >= 0:
                self._leaves[above] -= saved
                self._cost[above] = max(self._cost[above] - cost, 0.0)
                if self._leaves[above] > 1:
                    heapq.heappush(queue, (self._rate(above), above))
                above = int(self._parent[above])
        return np.array([p for p in np.flatnonzero(gone) if not self._below(int(p), gone)], np.intp)

    def _rate(self, place: int) -> float:
        return float(self._cost[place] / max(self._leaves[place] - 1, 1))

    def _below(self, place: int, gone: npt.NDArray[np.bool_]) -> bool:
        above = int(self._parent[place])
        while above >= 0 and not gone[above]:
            above = int(self._parent[above])
        return above >= 0
