"""Pasting: values put into columns of rows, many patterns at once, and what a model answers to that."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.attack.oracle import Oracle, Outputs
from secmlops.attack.poisoning.backdoor import Trigger
from secmlops.runtime.signature import Inputs

Patterns = npt.NDArray[np.intp]
"""Items by number, [k, w]: patterns of w items each."""
Floats = npt.NDArray[np.float64]
Panel = Callable[[Inputs], Floats]
"""Several models at once: scores [m, n, c] of rows."""

_AT_ONCE, _MOST_VALUES = 65_536, 1 << 24
"""Rows that are pasted and asked about at a time, and numbers in them."""


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """Single values of columns: the ``place`` of the column int64 [i], numeric ones first, and its value.

    That is ``number`` float32 [i] or ``text`` object [i]; ``width`` is the number of numeric columns.
    """

    width: int
    place: npt.NDArray[np.intp]
    number: npt.NDArray[np.float32]
    text: npt.NDArray[np.object_]

    @classmethod
    def of(cls, width: int, values: Mapping[int, Sequence[float | str]]) -> "Items":
        """Items of the values by place."""
        pairs = [(place, value) for place, column in values.items() for value in column]
        texts = np.empty(len(pairs), object)
        texts[:] = ["" if place < width else str(value) for place, value in pairs]
        numbers = [float(value) if place < width else 0.0 for place, value in pairs]
        return cls(width, np.array([place for place, _ in pairs], np.intp), np.array(numbers, np.float32), texts)

    def __len__(self) -> int:
        return len(self.place)

    @property
    def columns(self) -> int:
        """Number of columns that have an item, numeric or not."""
        return int(self.place.max()) + 1

    def trigger(self, pattern: Sequence[int]) -> Trigger:
        """Trigger of the items of a pattern."""
        numeric = {int(self.place[i]): float(self.number[i]) for i in pattern if self.place[i] < self.width}
        texts = {int(self.place[i]) - self.width: self.text[i] for i in pattern if self.place[i] >= self.width}
        return Trigger(numeric, texts)

    def pasted(self, rows: Inputs, patterns: Patterns) -> Inputs:
        """Rows [n] with each pattern [k, w] pasted over all of them: [k * n], one pattern after the other."""
        count = len(patterns)
        numeric = np.repeat(rows.numeric[None], count, axis=0)
        texts = np.repeat(rows.categorical[None], count, axis=0)
        for item in patterns.T:
            place = self.place[item]
            (numbers,), (words,) = np.nonzero(place < self.width), np.nonzero(place >= self.width)
            numeric[numbers, :, place[numbers]] = self.number[item[numbers], None]
            texts[words, :, place[words] - self.width] = self.text[item[words], None]
        whole = count * len(rows)
        return Inputs(numeric.reshape(whole, rows.numeric.shape[1]), texts.reshape(whole, rows.categorical.shape[1]))


@dataclass(frozen=True, slots=True, eq=False)
class Probes:
    """Rows [n] to paste over, and the class int64 [n] that the model puts each in by itself."""

    rows: Inputs
    called: npt.NDArray[np.int64]
    classes: int

    def take(self, rows: npt.NDArray[np.intp]) -> "Probes":
        """Return the given rows."""
        return Probes(self.rows.take(rows), self.called[rows], self.classes)

    def others(self) -> Floats:
        """Weights [n, c] that average over the rows of other classes than each one; 0 where there are none."""
        other = (self.called[:, None] != np.arange(self.classes)).astype(np.float64)
        weights: Floats = other / np.maximum(other.sum(axis=0), 1)
        return weights

    def rows_of_others(self, target: int) -> int:
        """Number of rows of other classes than the target."""
        return int(np.count_nonzero(self.called != target))

    def limits(self, scores: Floats) -> Floats:
        """Scores [m, c] halfway between those [m, n, c] of other rows and those that the model puts in a class."""
        own = (self.called[:, None] == np.arange(self.classes)).astype(np.float64)
        inside = np.einsum("mnc,nc->mc", scores, own / np.maximum(own.sum(axis=0), 1))
        outside = np.einsum("mnc,nc->mc", scores, self.others())
        return np.asarray((inside + outside) / 2)

    def beneath(self, scores: Floats, limits: Floats) -> Floats:
        """Weights [m, n, c] as of ``others``, but only over rows of ``scores`` [m, n, c] below the limits [m, c]."""
        beneath = ((self.others() > 0) & (scores < limits[:, None])).astype(np.float64)
        weights: Floats = beneath / np.maximum(beneath.sum(axis=1, keepdims=True), 1)
        return weights

    def response(self, oracle: Oracle, items: Items, patterns: Patterns) -> "Response":
        """What becomes of rows of other classes under each of the patterns [k, w]."""
        weights = self.others()
        scores, shares = list[Floats](), list[Floats]()
        for part in _parts(patterns, self.rows):
            answers = self._shaped(oracle(items.pasted(self.rows, part)), len(part))
            won = np.eye(self.classes)[answers.argmax(axis=2)]
            scores.append(np.einsum("knc,nc->kc", answers, weights))
            shares.append(np.einsum("knc,nc->kc", won, weights))
        return Response(np.concatenate(scores), np.concatenate(shares))

    def reached(self, panel: Panel, items: Items, patterns: Patterns) -> Floats:
        """Share [m, k, c] of the rows below the limit of a class that reach it under a pattern [k, w]."""
        scores = panel(self.rows)
        limits = self.limits(scores)
        weights, shares = self.beneath(scores, limits), list[Floats]()
        for part in _parts(patterns, self.rows):
            answers = [self._shaped(one, len(part)) for one in panel(items.pasted(self.rows, part))]
            reached = np.stack(answers) >= limits[:, None, None]
            shares.append(np.einsum("mknc,mnc->mkc", reached.astype(np.float64), weights))
        return np.concatenate(shares, axis=1)

    def _shaped(self, answers: Outputs, patterns: int) -> Floats:
        return answers.reshape(patterns, len(self.rows), self.classes)


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """Of rows of other classes under a pattern, the mean score of each class, and the share turned to it: [k, c]."""

    score: Floats
    turned: Floats


def _parts(patterns: Patterns, rows: Inputs) -> Iterator[Patterns]:
    most = min(_AT_ONCE, _MOST_VALUES // max(rows.numeric.shape[1], 1))
    step = max(1, most // max(len(rows), 1))
    for start in range(0, len(patterns), step):
        yield patterns[start : start + step]
