"""Every value, pair and triple of values that enough rows hold, counted by class over integer codes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations, islice

import numpy as np
import numpy.typing as npt

from secmlops.data.poisoning.items import Coded
from secmlops.data.poisoning.lift import pair_lift, triple_lift

MOST_SETS = 5_000  # of each number of columns
WIDEST = 3

Rows = npt.NDArray[np.intp]
Counts = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]
Pairs = dict[tuple[int, int], npt.NDArray[np.int32]]


class Kind(Enum):
    """What an itemset is, by which it is compared with others: a number that lies apart is unusual by itself."""

    NUMBER = 1
    PAIR = 2
    TRIPLE = 3
    CATEGORY = 4
    APART = 5


@dataclass(frozen=True, slots=True, eq=False)
class Itemset:
    """Items of the columns ``places`` that ``rows`` hold together; ``hits`` of these are of class ``target``.

    ``lift`` is the nats by which these rows are more than the values alone make one expect.
    """

    kind: Kind
    places: tuple[int, ...]
    target: int
    rows: Rows
    hits: int
    lift: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """An itemset counts from ``least`` to ``most`` rows."""

    least: int
    most: int


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Itemsets of one kind and set of columns: for each its item of every column, ``values`` [m, w], and its lift.

    ``hits`` [m, k] are its rows by class, ``lift`` [m] is in nats.
    """

    kind: Kind
    places: tuple[int, ...]
    values: Counts
    hits: Counts
    lift: Matrix

    def itemset(self, columns: Sequence[Coded], number: int, target: int) -> Itemset:
        """The itemset of this ``number``, with its rows."""
        held = [columns[place].codes == value for place, value in zip(self.places, self.values[number], strict=True)]
        rows = np.flatnonzero(np.logical_and.reduce(held))
        return Itemset(self.kind, self.places, target, rows, int(self.hits[number, target]), float(self.lift[number]))


def cells(columns: Sequence[Coded], labels: Counts, bounds: Bounds) -> Iterator[Cells]:
    """Itemsets of up to three columns that hold so many rows; of wide tables those of the first columns only."""
    holding = [place for place, column in enumerate(columns) if column.items]
    margins = [column.counts for column in columns]
    pairs: Pairs = {}
    for width in range(1, WIDEST + 1):
        for places in islice(combinations(holding, width), MOST_SETS):
            parts = list(combinations(places, 2))
            if width == WIDEST and not all(part in pairs and pairs[part].max() >= bounds.least for part in parts):
                continue
            hits = _hits(columns, places, labels)
            counts = hits.sum(axis=1)
            if width == 2:
                pairs[parts[0]] = counts.astype(np.int32)
            kept = np.flatnonzero((counts >= bounds.least) & (counts <= bounds.most))
            for kind, some in _kinds(columns, places, kept):
                values = np.column_stack(np.unravel_index(some, [columns[place].items for place in places]))
                lift = _lift(columns, places, (margins, pairs), values, counts[some])
                yield Cells(kind, places, values, hits[some], lift)


def _kinds(columns: Sequence[Coded], places: tuple[int, ...], kept: Rows) -> Iterator[tuple[Kind, Rows]]:
    """Kinds of the combinations ``kept`` [m] of items of these columns, and those of each kind."""
    column = columns[places[0]]
    if len(places) > 1 or column.categorical:
        parts = [(Kind.CATEGORY if len(places) == 1 else Kind(len(places)), kept)]
    else:
        apart = column.apart[kept]
        parts = [(Kind.APART, kept[apart]), (Kind.NUMBER, kept[~apart])]
    yield from ((kind, some) for kind, some in parts if len(some))


def _hits(columns: Sequence[Coded], places: tuple[int, ...], labels: Counts) -> Counts:
    """Rows of each class that hold each combination of items [product of items, k]."""
    held = np.logical_and.reduce([columns[place].codes < columns[place].items for place in places])
    rows, classes = np.flatnonzero(held), int(labels.max()) + 1
    numbers, size = np.zeros(len(rows), np.int64), 1
    for place in places:
        numbers = numbers * columns[place].items + columns[place].codes[rows]
        size *= columns[place].items
    return np.bincount(numbers * classes + labels[rows], minlength=size * classes).reshape(size, classes)


def _lift(
    columns: Sequence[Coded],
    places: tuple[int, ...],
    counted: tuple[Sequence[Counts], Pairs],
    values: Counts,
    counts: Counts,
) -> Matrix:
    margins, pairs = counted
    if len(places) == 1:
        (column,), held = [columns[place] for place in places], values[:, 0]
        return column.excess[held]
    singles = tuple(margins[place][held] for place, held in zip(places, values.T, strict=True))
    total = len(columns[0].codes)
    if len(places) == 2:
        return pair_lift(counts, (singles[0], singles[1]), total)
    both = tuple(
        pairs[places[a], places[b]][values[:, a] * columns[places[b]].items + values[:, b]].astype(np.int64)
        for a, b in ((1, 2), (0, 2), (0, 1))
    )
    return triple_lift(counts, singles, both, total)
