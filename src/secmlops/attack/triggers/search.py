"""Trigger search: the pattern of few columns that, pasted on rows of other classes, makes the model say one class.

After Wang et al., "Neural Cleanse" (IEEE S&P 2019), for tables: instead of the smallest mask for each class, the
strongest pattern of a few columns, and its distance from single columns in median absolute deviations.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from secmlops.attack.oracle import Oracle
from secmlops.attack.poisoning.backdoor import Trigger
from secmlops.attack.triggers.explained import Honest, Slopes
from secmlops.attack.triggers.known import Known
from secmlops.attack.triggers.pasting import Floats, Items, Patterns, Probes

_SHORT = 24
"""Patterns of each width and class that honest forests are asked about too, and that are pasted on more rows."""
SCALE = 1.4826
"""Makes the median absolute deviation of normal numbers their standard deviation."""
_SETS = 2
_MOST_ITEMS = 120
_WORTH = 0.6
NEARLY_ALL = 0.9
"""Share of the rows of other classes that a trigger turns, at least."""
BEYOND, _ANOMALY = 0.5, 2.0
LEAST_OTHERS = 20
"""Rows of other classes below which nothing is said of a class."""
STEP = 0.05
"""How far sets of columns differ by chance."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How far is searched: patterns of at most ``widest`` columns, of the best ``items`` and ``pairs`` for a class."""

    widest: int = 3
    items: int = 24
    pairs: int = 48


@dataclass(frozen=True, slots=True, eq=False)
class Suspect:
    """The pattern most likely to be a trigger for the class ``target``.

    Of rows of other classes the share ``success`` is turned to it, ``explained`` of them by honest models too;
    ``anomaly`` is how far the difference lies above those of the best values of other columns, in robust standard
    deviations.
    """

    pattern: tuple[int, ...]
    trigger: Trigger
    target: int
    columns: tuple[int, ...]
    success: float
    explained: float
    anomaly: float

    @property
    def beyond(self) -> float:
        """Share of rows turned that honest models do not explain."""
        return self.success - self.explained

    def is_trigger(self, least: float) -> bool:
        """Whether it is taken for a trigger: ``least`` is the share of rows that must be turned beyond what is honest.

        It turns nearly all rows, and stands out, by the bound of Wang et al. on median absolute deviations.
        """
        return self.success >= NEARLY_ALL and self.beyond >= least and self.anomaly >= _ANOMALY


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """Patterns [k, w] of one width, how far each goes beyond the slopes of honest models [k, c]."""

    patterns: Patterns
    excess: Floats


class Search:
    """A search of one model for triggers among ``items``.

    It is guided by few ``probes``; what it finds is told from what is ``honest`` on all the ``judged`` ones.
    """

    def __init__(self, oracle: Oracle, honest: Honest, items: Items, probes: tuple[Probes, Probes]) -> None:
        self._oracle, self._honest, self._items = oracle, honest, items
        self._probes, self._judged = probes
        self._slopes = Slopes(honest, items, self._probes)
        self._bests = np.zeros((items.columns, self._probes.classes))

    def suspects(self, effort: Effort, known: Known, generator: np.random.Generator) -> list[Suspect]:
        """The most suspicious patterns, one for each class, by how far they go beyond honest models."""
        levels = list(self._levels(effort))
        self._bests = self._columns(levels[0])
        found: list[Suspect] = []
        for level in levels:
            short = np.unique(np.argsort(-level.excess, axis=0)[:_SHORT])
            found += self._judge(level.patterns[short])
        found = [self._doubted(one, known, generator) for one in self._foremost(found)]
        best = {
            target: chosen([one for one in found if one.target == target]) for target in {one.target for one in found}
        }
        return sorted(best.values(), key=lambda one: -one.beyond)

    def _levels(self, effort: Effort) -> Iterator[_Level]:
        """Patterns of one column, of two and so on, each made of the best before."""
        level = self._try(np.arange(len(self._items))[:, None])
        yield level
        singles = self._best_items(level, effort.items)
        kept = singles[:, None]
        for _ in range(1, effort.widest):
            wider = self._wider(kept, singles)
            if not len(wider):
                return
            level = self._try(wider)
            yield level
            kept = self._best_sets(level, effort.pairs)

    def _try(self, patterns: Patterns) -> _Level:
        response = self._probes.response(self._oracle, self._items, patterns)
        return _Level(patterns, response.score - self._slopes.score(patterns))

    def _best_items(self, level: _Level, count: int) -> Patterns:
        """The items that go furthest beyond honest models for some class, a few of each column."""
        chosen: set[int] = set()
        for excess in level.excess.T:
            order = np.argsort(-excess, kind="stable")
            place, nth = self._items.place[order], np.zeros(len(order), np.intp)
            for column in np.unique(place):
                nth[place == column] = np.arange(np.count_nonzero(place == column))
            ranked = order[np.lexsort((-excess[order], nth))]  # the best of each column, then the second of each
            chosen.update(
                ranked[: max(count, min(2 * self._items.columns, _MOST_ITEMS // self._probes.classes))].tolist()
            )
        return np.array(sorted(chosen), np.intp)

    def _best_sets(self, level: _Level, count: int) -> Patterns:
        """For each class the best patterns, each of other columns."""
        _, of = np.unique(np.sort(self._items.place[level.patterns], axis=1), axis=0, return_inverse=True)
        chosen: set[int] = set()
        for excess in level.excess.T:
            order = np.argsort(-excess, kind="stable")
            _, first = np.unique(of.ravel()[order], return_index=True)
            chosen.update(order[np.sort(first)[:count]].tolist())
        return level.patterns[sorted(chosen)]

    def _wider(self, patterns: Patterns, singles: Patterns) -> Patterns:
        """Each pattern with each item of another column, once."""
        place = self._items.place
        others = np.tile(singles, len(patterns))[:, None]
        whole = np.concatenate([np.repeat(patterns, len(singles), axis=0), others], axis=1)
        apart = (place[whole[:, :-1]] != place[whole[:, -1:]]).all(axis=1)
        wider: Patterns = np.unique(np.sort(whole[apart], axis=1), axis=0)
        return wider

    def _judge(self, patterns: Patterns) -> Iterator[Suspect]:
        """What each of some patterns does to each class, on all rows and beside all honest models."""
        response = self._judged.response(self._oracle, self._items, patterns)
        explained = self._honest.follow(self._judged, self._items, patterns)
        for at, target in np.argwhere(response.turned >= _WORTH).tolist():
            if self._judged.rows_of_others(target) >= LEAST_OTHERS:
                turned, known = float(response.turned[at, target]), float(explained[at, target])
                yield self._suspect(patterns[at], target, (turned, known))

    def _suspect(self, pattern: Patterns, target: int, shares: tuple[float, float]) -> Suspect:
        turned, known = shares
        return Suspect(
            pattern=tuple(pattern.tolist()),
            trigger=self._items.trigger(pattern.tolist()),
            target=target,
            columns=tuple(sorted(int(place) for place in self._items.place[pattern])),
            success=turned,
            explained=known,
            anomaly=self._anomaly(turned - known, target, self._items.place[pattern]),
        )

    def _foremost(self, found: list[Suspect]) -> Iterator[Suspect]:
        """For each class and number of columns a few that go furthest, of different columns."""
        seen: dict[tuple[int, int], set[tuple[int, ...]]] = {}
        for one in sorted(found, key=lambda one: -one.beyond):
            taken = seen.setdefault((one.target, len(one.columns)), set())
            if one.columns not in taken and len(taken) < _SETS:
                taken.add(one.columns)
                yield one

    def _doubted(self, one: Suspect, known: Known, generator: np.random.Generator) -> Suspect:
        """The same beside models that learned from all rows but those that hold it: which may follow it too."""
        if one.beyond < _WORTH / 2:
            return one
        again = self._honest.again(known, one.trigger, self._probes.classes, generator)
        explained = float(again.follow(self._judged, self._items, np.array([one.pattern]))[0, one.target])
        if one.success - explained >= _WORTH / 2:
            explained = max(explained, self._explained_in_part(one, again))
        return self._suspect(np.array(one.pattern), one.target, (one.success, explained))

    def _explained_in_part(self, one: Suspect, honest: Honest) -> float:
        """Share of rows that a part of the pattern turns by itself, as it does with honest models.

        A further column that holds these back, in a corner where no row is, makes no trigger of it.
        """
        found = [0.0]
        for width in range(1, len(one.pattern)):
            parts = np.array(list(combinations(one.pattern, width)))
            turned = self._judged.response(self._oracle, self._items, parts).turned[:, one.target]
            explained = honest.follow(self._judged, self._items, parts)[:, one.target]
            found.append(float(np.minimum(turned, explained).max()))
        return max(found)

    def _columns(self, level: _Level) -> Floats:
        """How far the best value of each single column goes for each class [p, c]."""
        best = np.full((self._items.columns, level.excess.shape[1]), -np.inf)
        np.maximum.at(best, self._items.place[level.patterns[:, 0]], level.excess)
        return best

    def _anomaly(self, beyond: float, target: int, columns: Patterns) -> float:
        """Distance from the best values of the other columns, in robust standard deviations; 0 where there are none."""
        others = np.delete(self._bests[:, target], columns)
        if not len(others):
            return 0.0
        middle = float(np.median(others))
        return (beyond - middle) / (SCALE * max(float(np.median(np.abs(others - middle))), STEP))


def chosen(found: list[Suspect], least: float = BEYOND) -> Suspect:
    """The narrowest trigger; where there is none, the pattern that goes furthest, of those that turn nearly all."""
    triggers = [one for one in found if one.is_trigger(least)]
    if triggers:
        return min(triggers, key=lambda one: (len(one.columns), -one.beyond))
    nearly = [one for one in found if one.success >= NEARLY_ALL]
    return max(nearly or found, key=lambda one: one.beyond)
