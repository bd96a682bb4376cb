"""Slices in which one class is missing: labels that were changed all in one place, which no single row gives away.

Rectangles over every pair of columns are compared with what an additive model makes one expect, with these two columns
and without them: with them what they do by nature is explained, without them what was done to one of them is seen.
Where a little is missing, a closer look tells whether all of it is missing in a part. The few most striking are judged
by a model that has seen none of their rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from secmlops.data.poisoning.additive import Additive, sigmoid
from secmlops.data.poisoning.closer import FINER, closer
from secmlops.data.poisoning.items import Coded
from secmlops.data.poisoning.learner import Learner, design_of
from secmlops.data.poisoning.rectangles import (
    LEFT,
    MOST_SHARE,
    NATS_PER_ROW,
    Limits,
    Rectangle,
    best_rectangles,
    deficit,
    rectangle_count,
)
from secmlops.data.poisoning.slice_labels import LIKELIER, flipped_rather_than_shifted
from secmlops.detect.slices.grid import Axis, axes
from secmlops.runtime.signature import Inputs

Labels = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

_TRIED = 5  # of each of the two comparisons
_CLOSER = 20
_HINT = 0.85  # share of its class that a rectangle still holds of which a part may be a slice
_SAME = 0.5
_FALSE_ALARMS = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """``rows`` [m] within ranges of the columns ``places`` that lack class ``source``; ``evidence`` in nats.

    ``expected`` [m] is the probability of that class by a model that has seen none of these rows; empty before.
    """

    places: tuple[int, ...]
    source: int
    rows: Rows
    evidence: float
    expected: Matrix = field(default_factory=lambda: np.empty(0))


def find_slices(inputs: Inputs, labels: Labels, seed: int) -> tuple[Slice, ...]:
    """Slices that lack a class, the surest first, no two of the same rows."""
    grid = axes(inputs)
    columns = [Coded(axis.codes, 0, axis.size, np.zeros(0, bool), np.zeros(0)) for axis in grid]
    suspects: list[Slice] = []
    for event, sources in _events(labels):
        model = Additive.fit(columns, event)
        for blind in (False, True):
            suspects += _suspects(inputs, grid, _Comparison(event, sources, model, blind))
    tried = _distinct(suspects, 2 * _TRIED)
    found = _judged(tried, design_of(inputs), labels, (Learner(seed), _threshold(grid, labels)))
    return tuple(sorted(found, key=lambda one: -one.evidence))


@dataclass(frozen=True, slots=True)
class _Comparison:
    """An ``event`` [n], and a model of it that does or does not see the two columns looked at.

    ``sources`` are the classes that a lack of the event, and of all else, is told of.
    """

    event: Mask
    sources: tuple[int, ...]
    model: Additive
    blind: bool

    def expected(self, places: tuple[int, ...]) -> Matrix:
        """Probability [n] of the event."""
        if not self.blind:
            return sigmoid(self.model.logits)
        return sigmoid(self.model.without(places, np.arange(len(self.event))))

    def slices(self, places: tuple[int, ...], found: Iterator[Rectangle]) -> Iterator[Slice]:
        """Those rectangles that a class can be named for."""
        for one in found:
            if int(one.other) < len(self.sources):
                yield Slice(places, self.sources[int(one.other)], one.rows, one.nats)


def _suspects(inputs: Inputs, grid: Sequence[Axis], case: _Comparison) -> list[Slice]:
    """The most striking rectangles, and those found by a closer look at where something is missing."""
    limits = Limits(MOST_SHARE * len(case.event))
    loose = replace(limits, left=_HINT, nats_per_row=0.0)
    striking: list[Slice] = []
    hints: list[tuple[tuple[int, int], Rectangle]] = []
    for places in combinations(range(len(grid)), 2):
        pair, expected = (grid[places[0]], grid[places[1]]), case.expected(places)
        striking += case.slices(places, best_rectangles(*pair, case.event, expected, limits))
        hints += [(places, one) for one in best_rectangles(*pair, case.event, expected, loose)]
    for places, hint in sorted(hints, key=lambda one: -one[1].nats)[:_CLOSER]:
        pair, wanted = (grid[places[0]], grid[places[1]]), (case.event, case.expected(places))
        striking += case.slices(places, closer(_columns(inputs, places), pair, hint, wanted, limits))
    return _distinct(striking, _TRIED)


def _columns(inputs: Inputs, places: tuple[int, int]) -> Inputs:
    """Two columns, of which numbers are counted first."""
    numbers = inputs.numeric.shape[1]
    texts = [place - numbers for place in places if place >= numbers]
    return Inputs(inputs.numeric[:, [place for place in places if place < numbers]], inputs.categorical[:, texts])


def _events(labels: Labels) -> Iterator[tuple[Mask, tuple[int, ...]]]:
    """Each class against the others, with the classes that a lack of the event, and of all else, is told of."""
    classes = int(labels.max()) + 1
    if classes == 2:
        yield labels == 0, (0, 1)
    else:
        yield from ((labels == source, (source,)) for source in range(classes))


def _distinct(found: Sequence[Slice], most: int) -> list[Slice]:
    kept: list[Slice] = []
    for one in sorted(found, key=lambda slice_: -slice_.evidence):
        if len(kept) < most and not any(_overlap(one.rows, other.rows) > _SAME for other in kept):
            kept.append(one)
    return kept


def _threshold(grid: Sequence[Axis], labels: Labels) -> float:
    """Nats above which chance brings any rectangle in less than one honest table of twenty (Bonferroni).

    Counted as if all of them were cut as finely as those that are looked at more closely: four ends, each finer.
    """
    tried = sum(rectangle_count(one, two) for one, two in combinations(grid, 2)) * (int(labels.max()) + 1) * FINER**4
    return float(np.log(2 * max(tried, 1) / _FALSE_ALARMS))


def _judged(
    suspects: Sequence[Slice], design: Matrix, labels: Labels, measure: tuple[Learner, float]
) -> Iterator[Slice]:
    """Those that a model confirms which has seen none of their rows."""
    learner, threshold = measure
    for one in suspects:
        others = np.delete(np.arange(len(labels)), one.rows)
        expected = learner.predict(design, labels, others, one.rows)[:, one.source]
        held, due = labels[one.rows] == one.source, float(expected.sum())
        nats = float(deficit(np.array(len(held)), held.sum(), expected.sum()))
        if held.sum() > LEFT * due or nats < max(threshold, NATS_PER_ROW * due):
            continue
        if flipped_rather_than_shifted(expected, held) >= LIKELIER:
            yield Slice(one.places, one.source, one.rows, nats, expected)


def _overlap(one: Rows, other: Rows) -> float:
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)
