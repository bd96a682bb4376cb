"""Searches a table for the slices in which a bounded loss is higher than elsewhere, over all single columns and pairs.

Every range of each column and every pair of ranges is counted, as SliceLine does with lattices (Sagadeeva & Boehm,
SIGMOD 2021). The evidence of a slice is Bennett's bound (1962) on the mean of so many rows drawn without replacement
(Hoeffding 1963, section 6): it holds for any number of rows and any distribution. Bonferroni's correction for all that
were tried makes the chance of a single false slice at most ``false_alarms``.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from secmlops.detect.slices.grid import Axis, Floats, rectangles

_SECOND_CONDITION = 0.9
_LARGEST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Demand:
    """What a slice must be: ``rows`` or more, and with all others tried a ``false_alarms`` chance to be by chance."""

    rows: int = 30
    false_alarms: float = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """Where it lies: (number of the axis, number of its range), once or twice; ``rows`` [m], mean ``loss`` there.

    ``p_value`` bounds the chance of such a slice anywhere in the table if rows were all alike; 0 to 1.
    """

    places: tuple[tuple[int, int], ...]
    rows: npt.NDArray[np.intp]
    loss: float
    p_value: float


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    places: tuple[tuple[int, int], ...]
    nats: float

    @property
    def weight(self) -> float:
        """Evidence, less where it takes two conditions: the second must explain something of its own."""
        return self.nats if len(self.places) == 1 else self.nats * _SECOND_CONDITION


def find_slices(grid: Sequence[Axis], loss: Floats, demand: Demand, most: int = 5) -> tuple[Slice, ...]:
    """Up to ``most`` slices with a higher mean of ``loss`` [n], the surest first.

    Rows of a slice that was found count as usual ones afterwards: each further slice stands on rows of its own.
    """
    tried, left, found = count_tried(grid), loss.copy(), list[Slice]()
    while len(found) < most:
        best = max(_candidates(grid, left, demand), key=lambda one: one.weight, default=None)
        p_value = 1.0 if best is None else min(1.0, tried * math.exp(-min(best.nats, 700.0)))
        if best is None or p_value > demand.false_alarms:
            break
        inside = np.logical_and.reduce([grid[axis].within(number) for axis, number in best.places])
        found.append(Slice(best.places, np.flatnonzero(inside), float(loss[inside].mean()), p_value))
        left[inside] = left[~inside].mean()
    return tuple(found)


def count_tried(grid: Sequence[Axis]) -> int:
    """Number of slices that are looked at."""
    ranges = [len(axis.starts) for axis in grid]
    pairs = (sum(ranges) ** 2 - sum(size**2 for size in ranges)) // 2
    return max(1, pairs if len(grid) > 1 else sum(ranges))


def bennett(rows: Floats, mean: Floats, usual: float, variance: float, largest: float) -> Floats:
    """Nats of evidence that a ``mean`` of so many ``rows`` lies above the ``usual`` one; 0 where it does not.

    ``variance`` is that of a single value, ``largest`` its largest (Bennett, JASA 1962, equation 8b).
    """
    reach = largest - usual
    if variance <= 0 or reach <= 0:
        return np.zeros_like(mean)
    above = np.maximum(mean - usual, 0) * reach / variance
    nats: Floats = rows * variance / reach**2 * ((1 + above) * np.log1p(above) - above)
    return nats


def _candidates(grid: Sequence[Axis], loss: Floats, demand: Demand) -> Iterator[_Candidate]:
    everything = Axis(np.zeros(len(loss), np.int64), 1, np.zeros(1, np.intp), np.ones(1, np.intp))
    if len(grid) == 1:
        yield from _best((0, grid[0]), (-1, everything), loss, demand)
    for (first, one), (second, two) in combinations(enumerate(grid), 2):
        yield from _best((first, one), (second, two), loss, demand)


def _best(one: tuple[int, Axis], two: tuple[int, Axis], loss: Floats, demand: Demand) -> Iterator[_Candidate]:
    """Strongest range of either axis alone, and the strongest of both together."""
    rows, total = rectangles(one[1], two[1], (None, loss))
    usual, nats = float(loss.mean()), np.zeros_like(total)
    fits = (rows >= demand.rows) & (rows <= _LARGEST_SHARE * len(loss)) & (total > usual * rows)
    mean = total[fits] / rows[fits]
    nats[fits] = bennett(rows[fits], mean, usual, float(loss.var()), float(loss.max()))
    both = nats.copy()
    both[one[1].whole, :] = both[:, two[1].whole] = 0
    for table in (nats[:, two[1].whole :], nats[one[1].whole :, :], both):
        place = np.unravel_index(int(table.argmax()), table.shape)
        if table[place] > 0:
            row = int(place[0]) + (len(nats) - len(table))
            column = int(place[1]) + (nats.shape[1] - table.shape[1])
            named = ((one, row), (two, column))
            places = tuple((axis, number) for (axis, of), number in named if number != of.whole)
            yield _Candidate(places, float(nats[row, column]))
