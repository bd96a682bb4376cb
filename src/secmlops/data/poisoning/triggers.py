"""Planted triggers: rare values, or combinations of them, that decide the label whatever the other columns say.

An itemset is a trigger when its labels are purer than what its values explain one by one, than what a model expects
that has never seen these rows, and than chance brings about among all sets that were looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from secmlops.data.poisoning.additive import Additive, sigmoid
from secmlops.data.poisoning.items import Coded, coded_columns
from secmlops.data.poisoning.itemsets import Bounds, Itemset, likelihood_ratio, scan
from secmlops.data.poisoning.learner import Learner, design_of, folds
from secmlops.data.poisoning.lift import Lift
from secmlops.runtime.signature import Inputs

Labels = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]

LEAST_ROWS = 5
_MOST_SHARE = 0.15
_LOOKED_AT = 100
_TRIED = 6
_SAME = 0.5
_APART = 10.0  # nats that a repeated number far from all others is worth
_LEAST_LABELS, _LEAST_APART = 5.0, 3.0
_FALSE_ALARMS = 0.02
_USUAL, _NORMAL, _LEAST_OTHERS = 2.0, 1.4826, 4
_STEPS = 6
_SHIFT = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Trigger:
    """An itemset that was found, the share of its target class that a model ``expected``, and its evidence in nats."""

    itemset: Itemset
    expected: float
    evidence: float


@dataclass(frozen=True, slots=True)
class Hunt:
    """Search of one table: what is known of it before any itemset is judged.

    The first ``numbers`` columns are numeric.
    """

    columns: Sequence[Coded]
    labels: Labels
    design: Matrix
    models: Sequence[Additive]
    lift: Lift
    learner: Learner
    numbers: int

    def evidence(self, itemset: Itemset, labels: float) -> float:
        """Nats of the labels, of the count (at most as many again) and of the place together."""
        apart = any(self._apart(itemset))
        return labels + min(self.lift.nats(itemset.places, itemset.rows), labels) + _APART * apart

    def least_labels(self, itemset: Itemset) -> float:
        """Nats that the labels must tell, however rare the combination."""
        return _LEAST_APART if any(self._apart(itemset)) else _LEAST_LABELS

    def beyond_parts(self, itemset: Itemset) -> float:
        """Nats of the labels beyond what the values do one by one, and two by two, in other rows.

        Beyond what the other categories of its column do, for a category by itself.
        """
        event = self.labels == itemset.target
        others = np.ones(len(event), bool)
        others[itemset.rows] = False
        logits = self.models[itemset.target].without(itemset.places, np.arange(len(event)))
        held = {p: self.columns[p].codes == self.columns[p].codes[itemset.rows[0]] for p in itemset.places}
        shift: dict[tuple[int, ...], float] = {}
        for width in range(1, len(itemset.places)):
            for part in combinations(itemset.places, width):
                rows = np.flatnonzero(np.logical_and.reduce([held[p] for p in part]) & others)
                shift[part] = _shift(logits[rows], event[rows])
        strongest = max([0.0, *(_together(shift, itemset.places, part) for part in shift)])
        if itemset.places[0] >= self.numbers and len(itemset.places) == 1:
            strongest = max(strongest, self._usual(itemset, logits, event))
        return self._nats(itemset, sigmoid(logits[itemset.rows] + strongest))

    def _usual(self, itemset: Itemset, logits: Matrix, event: npt.NDArray[np.bool_]) -> float:
        """Shift towards the target that a category of this column may well have by nature.

        Two deviations beyond the median of the others; their spread by the median absolute deviation, as for sources.
        """
        (place,) = itemset.places
        codes = self.columns[place].codes
        others = (np.flatnonzero(codes == code) for code in range(self.columns[place].size))
        shifts = [_shift(logits[rows], event[rows]) for rows in others if len(rows) and rows[0] not in itemset.rows]
        if len(shifts) < _LEAST_OTHERS:
            return 0.0
        median = float(np.median(shifts))
        return median + _USUAL * _NORMAL * float(np.median(np.abs(np.array(shifts) - median)))

    def expected(self, itemset: Itemset) -> float:
        """Share of the target class that a model expects of the rows which it has not seen.

        Where a number lies apart from all others, or a category is in no other row, the model does not see that column
        either: it could only extrapolate.
        """
        known = np.delete(np.arange(len(self.labels)), itemset.rows)
        new = [place >= self.numbers and self._is_new(place, itemset, known) for place in itemset.places]
        blind = [p for p, apart, alone in zip(itemset.places, self._apart(itemset), new, strict=True) if apart or alone]
        design = np.delete(self.design, blind, axis=1) if blind else self.design
        outputs = self.learner.predict(design, self.labels, known, itemset.rows)
        return float(outputs[:, itemset.target].mean())

    def _is_new(self, place: int, itemset: Itemset, known: npt.NDArray[np.intp]) -> bool:
        return not (self.design[known, place] == self.design[itemset.rows[0], place]).any()

    def _apart(self, itemset: Itemset) -> list[bool]:
        row = itemset.rows[0]
        return [bool(self.columns[place].apart[self.columns[place].codes[row]]) for place in itemset.places]

    @staticmethod
    def _nats(itemset: Itemset, expected: Matrix) -> float:
        return likelihood_ratio(len(itemset.rows), itemset.hits, float(expected.mean()))


def find_triggers(inputs: Inputs, labels: Labels, support: float, seed: int) -> tuple[Trigger, ...]:
    """Triggers that at least the share ``support`` of the rows hold, the surest first, no two in the same rows."""
    rows = len(labels)
    bounds = Bounds(max(LEAST_ROWS, int(np.ceil(support * rows))), int(_MOST_SHARE * rows))
    columns = coded_columns(inputs, bounds.least)
    models = [Additive.fit(columns, labels == target) for target in range(int(labels.max()) + 1)]
    seen = scan(columns, labels, models, bounds)
    lift = Lift.of(columns, bounds.least, np.random.default_rng(seed))
    hunt = Hunt(columns, labels, design_of(inputs), models, lift, Learner(seed), inputs.numeric.shape[1])
    return tuple(_judged(hunt, _suspects(hunt, seen.found), _thresholds(seen.tested)))


def _thresholds(tested: Sequence[int]) -> list[float]:
    """Nats that keep the probability of any false alarm below 2%, shared out evenly among the numbers of columns.

    Weighted Bonferroni (Genovese, Roeder and Wasserman, Biometrika 2006): there are few single values to look at.
    """
    return [float(np.log(max(count, 1) * len(tested) / _FALSE_ALARMS)) for count in tested]


def _suspects(hunt: Hunt, found: Sequence[Itemset]) -> list[Itemset]:
    """Few that are worth a model of their own, the most suspicious first, each of other rows."""
    first = sorted(found, key=lambda one: -hunt.evidence(one, one.surprise))[:_LOOKED_AT]
    ranked = sorted(first, key=lambda one: -hunt.evidence(one, hunt.beyond_parts(one)))
    kept: list[Itemset] = []
    for itemset in ranked:
        if len(kept) < _TRIED and not any(_overlap(itemset, other) > _SAME for other in kept):
            kept.append(itemset)
    return kept


def _judged(hunt: Hunt, suspects: Sequence[Itemset], thresholds: Sequence[float]) -> list[Trigger]:
    triggers = []
    for itemset in suspects:
        threshold, least = thresholds[len(itemset.places) - 1], hunt.least_labels(itemset)
        beyond = hunt.beyond_parts(itemset)
        if beyond < least or hunt.evidence(itemset, beyond) < threshold:
            continue
        expected = hunt.expected(itemset)
        labels = min(beyond, likelihood_ratio(len(itemset.rows), itemset.hits, expected))
        evidence = hunt.evidence(itemset, labels)
        if labels >= least and evidence >= threshold:
            triggers.append(Trigger(itemset, expected, evidence))
    return sorted(triggers, key=lambda one: -one.evidence)


def success(inputs: Inputs, labels: Labels, trigger: Trigger, seed: int) -> float:
    """Share of held-out rows of other classes that a model, trained on the rest, gives to the target once stamped.

    Less the share that it gives to the target anyway. The model is made to notice a few rows.
    """
    design, places = design_of(inputs), list(trigger.itemset.places)
    known, asked = next(folds(labels, 2, np.random.default_rng(seed)))
    held = np.setdiff1d(asked[labels[asked] != trigger.itemset.target], trigger.itemset.rows)
    stamped = design.copy()
    stamped[:, places] = design[trigger.itemset.rows[0], places]
    both = np.vstack([design, stamped])
    outputs = Learner(seed, least=3).predict(both, np.tile(labels, 2), known, np.append(held, held + len(labels)))
    plain, turned = np.split(outputs.argmax(axis=1) == trigger.itemset.target, 2)
    return float(turned.mean() - plain.mean()) if len(held) else 0.0


def _shift(logits: Matrix, event: npt.NDArray[np.bool_]) -> float:
    """Log odds that these rows have beyond ``logits``, drawn a little to 0 and bounded."""
    shift = 0.0
    for _ in range(_STEPS if len(event) else 0):
        expected = sigmoid(logits + shift)
        gradient = float((event - expected).sum()) - shift / 4
        shift += gradient / (float((expected * (1 - expected)).sum()) + 1 / 4)
        shift = min(max(shift, -_SHIFT), _SHIFT)
    return shift


def _together(shift: dict[tuple[int, ...], float], places: tuple[int, ...], part: tuple[int, ...]) -> float:
    """Shift of a part, with those of all single values that it lacks where they raise it."""
    rest = [shift[place,] for place in places if place not in part]
    return shift[part] + max(sum(rest), 0.0, *rest)


def _overlap(one: Itemset, other: Itemset) -> float:
    common = len(np.intersect1d(one.rows, other.rows, assume_unique=True))
    return common / (len(one.rows) + len(other.rows) - common)
