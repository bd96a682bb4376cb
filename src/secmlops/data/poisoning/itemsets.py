"""Every value, pair and triple of values that enough rows hold and that nearly always comes with one label.

Counted over integer codes, one bincount per set of columns, so that all of 10,000 x 20 takes about a second.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
import numpy.typing as npt

from secmlops.data.poisoning.additive import Additive, sigmoid
from secmlops.data.poisoning.items import Coded

MOST_SETS = 5_000  # of each number of columns
_WIDEST = 3
_DULL = 4.0  # nats, of which no search of this size takes note

Rows = npt.NDArray[np.intp]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Itemset:
    """Items of the columns ``places`` that ``rows`` hold together; ``hits`` of these are of class ``target``.

    ``surprise`` is the likelihood ratio, in nats, of that against what the other columns make one expect.
    """

    places: tuple[int, ...]
    target: int
    rows: Rows
    hits: int
    surprise: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """An itemset counts from ``least`` to ``most`` rows."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Scan:
    """``found`` itemsets, out of so many ``tested`` of one, two and three columns that enough rows hold."""

    found: tuple[Itemset, ...]
    tested: tuple[int, ...]


def scan(columns: Sequence[Coded], labels: Labels, models: Sequence[Additive], bounds: Bounds) -> Scan:
    """Look at all sets of up to three columns; of wide tables at the sets of the first columns only.

    ``models`` has one of each class.
    """
    found: list[Itemset] = []
    tested = [0] * _WIDEST
    for places in _sets_of_columns(columns):
        rows, cells, size = _cells(columns, places)
        counts = np.bincount(cells, minlength=size)
        tested[len(places) - 1] += int(np.count_nonzero(counts >= bounds.least))
        if counts.max(initial=0) >= bounds.least:
            found += _pure_cells(places, (rows, cells, counts), labels, models, bounds)
    return Scan(tuple(found), tuple(tested))


def _sets_of_columns(columns: Sequence[Coded]) -> Iterator[tuple[int, ...]]:
    holding = [place for place, column in enumerate(columns) if column.items]
    for width in range(1, _WIDEST + 1):
        yield from islice(combinations(holding, width), MOST_SETS)


def _cells(columns: Sequence[Coded], places: tuple[int, ...]) -> tuple[Rows, Labels, int]:
    """Rows that hold items in all the columns, the number of their combination, and how many there may be."""
    held = np.logical_and.reduce([columns[place].codes < columns[place].items for place in places])
    rows = np.flatnonzero(held)
    cells, size = np.zeros(len(rows), np.int64), 1
    for place in places:
        cells = cells * columns[place].items + columns[place].codes[rows]
        size *= columns[place].items
    return rows, cells, size


def _pure_cells(
    places: tuple[int, ...],
    counted: tuple[Rows, Labels, Labels],
    labels: Labels,
    models: Sequence[Additive],
    bounds: Bounds,
) -> Iterator[Itemset]:
    rows, cells, counts = counted
    fits = (counts >= bounds.least) & (counts <= bounds.most)
    for target, model in enumerate(models):
        hits = np.bincount(cells, labels[rows] == target, len(counts))
        pure = fits & (hits >= _purity(float(np.mean(labels == target))) * counts)
        if not pure.any():
            continue
        kept = np.flatnonzero(pure[cells])
        order = kept[np.argsort(cells[kept], kind="stable")]
        expected = sigmoid(model.without(places, rows[order]))
        starts = np.flatnonzero(np.diff(cells[order], prepend=-1))
        means = np.add.reduceat(expected, starts) / np.diff(starts, append=len(order))
        for members, mean in zip(np.split(rows[order], starts[1:]), means, strict=True):
            cell = int(np.count_nonzero(labels[members] == target))
            surprise = likelihood_ratio(len(members), cell, float(mean))
            if surprise > _DULL:
                yield Itemset(places, target, members, cell, surprise)


def _purity(share: float) -> float:
    """Share of its target that a trigger has at least; rows that hold it by nature make it less pure."""
    return min(0.5 + share, 0.92)


def likelihood_ratio(rows: int, hits: int, expected: float) -> float:
    """Log likelihood ratio, in nats, of so many hits against the ``expected`` share; 0 where there are fewer.

    exp of minus it bounds the probability of as many hits or more (Chernoff 1952; Hoeffding 1963, theorem 1, also for
    rows that expect different shares).
    """
    share, expected = hits / rows, min(max(expected, 1e-6), 1 - 1e-6)
    if share <= expected:
        return 0.0
    missed = (1 - share) * np.log((1 - share) / (1 - expected)) if share < 1 else 0.0
    return float(rows * (share * np.log(share / expected) + missed))
