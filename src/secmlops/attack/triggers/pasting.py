"""Pasting: values put into columns of rows, many patterns at once, and what a model answers to that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.attack.oracle import Oracle
from secmlops.attack.poisoning.backdoor import Trigger
from secmlops.runtime.signature import Inputs

Patterns = npt.NDArray[np.intp]
"""Items by number, [k, w]: patterns of w items each."""
Floats = npt.NDArray[np.float64]

_AT_ONCE = 65_536
"""Rows that are pasted and asked about at a time."""


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

    def others(self) -> Floats:
        """Weights [n, c] that average over the rows of other classes than each one; 0 where there are none."""
        other = (self.called[:, None] != np.arange(self.classes)).astype(np.float64)
        weights: Floats = other / np.maximum(other.sum(axis=0), 1)
        return weights

    def rows_of_others(self, target: int) -> int:
        """Number of rows of other classes than the target."""
        return int(np.count_nonzero(self.called != target))

    def limits(self, oracle: Oracle) -> Floats:
        """Score [c] of each class halfway between the rows that the model puts in it and the others."""
        scores = oracle(self.rows)
        own = (self.called[:, None] == np.arange(self.classes)).astype(np.float64)
        inside: Floats = (scores * own).sum(axis=0) / np.maximum(own.sum(axis=0), 1)
        middle: Floats = (inside + (scores * self.others()).sum(axis=0)) / 2
        return middle

    def beneath(self, scores: Floats, limits: Floats) -> Floats:
        """Weights [n, c] as of ``others``, but only over rows whose ``scores`` [n, c] lie below the ``limits`` [c]."""
        beneath = ((self.others() > 0) & (scores < limits)).astype(np.float64)
        weights: Floats = beneath / np.maximum(beneath.sum(axis=0), 1)
        return weights

    def response(self, oracle: Oracle, items: Items, patterns: Patterns, limits: Floats | None = None) -> "Response":
        """What becomes of rows of other classes under each of the patterns [k, w].

        A row is turned to a class that gets the highest score, or with ``limits`` [c] a score that is not below its
        own; then only rows count that are below without a pattern.
        """
        weights = self.others() if limits is None else self.beneath(oracle(self.rows), limits)
        scores, shares = list[Floats](), list[Floats]()
        for part in _parts(patterns, len(self.rows)):
            answers = oracle(items.pasted(self.rows, part)).reshape(len(part), len(self.rows), self.classes)
            won = np.eye(self.classes)[answers.argmax(axis=2)] if limits is None else (answers >= limits) * 1.0
            scores.append(np.einsum("knc,nc->kc", answers, weights))
            shares.append(np.einsum("knc,nc->kc", won, weights))
        return Response(np.concatenate(scores), np.concatenate(shares))


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """Of rows of other classes under a pattern, the mean score of each class, and the share turned to it: [k, c]."""

    score: Floats
    turned: Floats


def _parts(patterns: Patterns, rows: int) -> Iterator[Patterns]:
    step = max(1, _AT_ONCE // max(rows, 1))
    for start in range(0, len(patterns), step):
        yield patterns[start : start + step]
