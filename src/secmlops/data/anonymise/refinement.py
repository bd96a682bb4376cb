"""Moves single rows of a small table into classes where they cost less: what cuts alone cannot reach.

Local recoding as a greedy search, after J. Xu et al., Utility-Based Anonymization Using Local Recoding, KDD 2006. Cuts
fix the borders of classes early; a row beside a border often fits better on its other side. It looks at every pair of a
row and a class, so it is for small tables, where one class more or less is most of what is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.data.anonymise.attribute import Attribute
from secmlops.data.anonymise.cells import Codes, Integers
from secmlops.data.anonymise.privacy import Mask
from secmlops.data.anonymise.rules import Rules

MOST_PAIRS = 1_000_000
_ROUNDS = 100
_LEAST_GAIN = 1e-9
_Scores = npt.NDArray[np.float64]


def refined(rules: Rules, values: Codes, classes: Integers) -> Integers:
    """Classes [rows] after all moves that help and break no rule; the same where rows times classes exceed a million.

    ``values`` [columns, rows] are what the constraints look at. Each class is touched once a round at most, so that no
    move is judged by what another one changed.
    """
    count = int(classes.max()) + 1
    if len(classes) * count > MOST_PAIRS or count == 1:
        return classes
    classes = classes.copy()
    for _ in range(_ROUNDS):
        moves = _Moves.of(rules.attributes, classes, rules.k)
        if not _carry_out(moves, rules, values, classes):
            break
    return classes


@dataclass(frozen=True, slots=True, eq=False)
class _Moves:
    """Candidate moves [m], the best first: ``row`` goes to the class ``target``."""

    row: npt.NDArray[np.intp]
    target: Integers

    @classmethod
    def of(cls, attributes: Sequence[Attribute], classes: Integers, k: int) -> "_Moves":
        """Moves that make the weighted penalty smaller: for each row, out of a class of more than ``k``, the best."""
        sizes = np.bincount(classes)
        spans = [_Span.of(attribute, classes, len(sizes)) for attribute in attributes]
        gain = sum((span.leaving(classes, sizes) for span in spans), np.zeros(len(classes)))
        rows = np.flatnonzero((sizes[classes] > k) & (gain > _LEAST_GAIN))
        cost = sum((span.joining(rows, sizes) for span in spans), np.zeros((len(rows), len(sizes))))
        cost[np.arange(len(rows)), classes[rows]] = np.inf
        target = cost.argmin(axis=1)
        net = gain[rows] - cost[np.arange(len(rows)), target]
        order = np.argsort(-net, kind="stable")
        order = order[net[order] > _LEAST_GAIN]
        return cls(rows[order], target[order])


@dataclass(frozen=True, slots=True, eq=False)
class _Span:
    """What the classes hold of one quasi-identifier: ``count`` [classes, domain], and what their penalty depends on."""

    attribute: Attribute
    count: Integers
    lowest: Integers
    highest: Integers
    distinct: Integers

    @classmethod
    def of(cls, attribute: Attribute, classes: Integers, number: int) -> "_Span":
        flat = np.bincount(classes * attribute.domain + attribute.codes, minlength=number * attribute.domain)
        count = flat.reshape(number, attribute.domain)
        lowest, highest = _ends(count > 0)
        return cls(attribute, count, lowest, highest, np.count_nonzero(count, axis=1))

    @property
    def penalty(self) -> _Scores:
        """Penalty of a row of each class [classes]."""
        return self.attribute.penalty(self.lowest, self.highest, self.distinct)

    def leaving(self, classes: Integers, sizes: Integers) -> _Scores:
        """How much smaller the weighted penalty of its class becomes when each row leaves it [rows]."""
        code, places = self.attribute.codes, np.arange(len(sizes))
        alone = self.count[classes, code] == 1
        without = self.count > 0
        without[places, self.lowest] = False
        second, _ = _ends(without)
        without[places, self.lowest], without[places, self.highest] = True, False
        _, last = _ends(without)
        lowest = np.where(alone & (code == self.lowest[classes]), second[classes], self.lowest[classes])
        highest = np.where(alone & (code == self.highest[classes]), last[classes], self.highest[classes])
        left = self.attribute.penalty(lowest, highest, np.maximum(self.distinct[classes] - alone, 1))
        size = sizes[classes]
        gained: _Scores = self.attribute.weight * (size * self.penalty[classes] - (size - 1) * left)
        return gained

    def joining(self, rows: npt.NDArray[np.intp], sizes: Integers) -> _Scores:
        """How much larger the weighted penalty of each class becomes when one of the rows joins it [rows, classes]."""
        code = self.attribute.codes[rows].astype(np.int64)[:, np.newaxis]
        lowest, highest = np.minimum(self.lowest, code), np.maximum(self.highest, code)
        distinct = self.distinct + (self.count.T[code[:, 0]] == 0)
        joined = self.attribute.penalty(lowest.ravel(), highest.ravel(), distinct.ravel()).reshape(lowest.shape)
        lost: _Scores = self.attribute.weight * ((sizes + 1) * joined - sizes * self.penalty)
        return lost


def _ends(present: Mask) -> tuple[Integers, Integers]:
    """First and last true column of each row."""
    return present.argmax(axis=1), present.shape[1] - 1 - present[:, ::-1].argmax(axis=1)


def _carry_out(moves: _Moves, rules: Rules, values: Codes, classes: Integers) -> int:
    """Move rows in ``classes``, each class once at most, where every constraint still holds; return how many."""
    touched = np.zeros(int(classes.max()) + 1, bool)
    moved = 0
    for row, target in zip(moves.row.tolist(), moves.target.tolist(), strict=True):
        source = int(classes[row])
        if touched[source] or touched[target]:
            continue
        classes[row] = target
        if not _hold(rules, values, classes, (source, target)):
            classes[row] = source
            continue
        touched[[source, target]] = True
        moved += 1
    return moved


def _hold(rules: Rules, values: Codes, classes: Integers, both: tuple[int, int]) -> bool:
    """Whether two classes satisfy every constraint."""
    for constraint in rules.constraints:
        column = values[constraint.column]
        counts = [np.bincount(column[classes == one], minlength=constraint.kinds) for one in both]
        if not constraint.holds(np.stack(counts)).all():
            return False
    return True
