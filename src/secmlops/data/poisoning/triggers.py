"""Planted triggers: rare values, or combinations of them, that decide the label whatever the other columns say.

An itemset is a trigger when its labels are purer than what its values explain one by one, than what models expect that
have never seen these rows, and than chance brings about among all sets that were looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from secmlops.data.poisoning.additive import Additive
from secmlops.data.poisoning.chances import LEAST, Chances
from secmlops.data.poisoning.items import Coded, coded_columns
from secmlops.data.poisoning.itemsets import Bounds, Itemset, cells
from secmlops.data.poisoning.learner import FOLDS, Learner, design_of, folds
from secmlops.data.poisoning.likeness import Likeness
from secmlops.data.poisoning.planted_labels import (
    log_odds,
    planted_rather_than_expected,
    planted_rather_than_shifted,
    shift_of,
)
from secmlops.data.poisoning.suspects import suspects
from secmlops.runtime.signature import Inputs

Labels = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

LEAST_ROWS = 5
_MOST_SHARE = 0.15
_UNSEEN = 0.25  # largest share of the rows that models are kept from seeing together
_SAME = 0.5
_LEAST_OTHERS, _FEWEST = 4, 5
_NORMAL = 1.4826
# Usual size of a natural shift of the log odds that a model does not foresee: of a category it knows no neighbours.
_SHIFT, _SHIFT_OF_CATEGORY = 0.7, 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Trigger:
    """An itemset that was found, and the share of its target class that models ``expected``.

    ``evidence`` is against a natural rule, by the labels and by the other columns; ``surprise`` is that of the labels
    against the models as they are. Both are in nats.
    """

    itemset: Itemset
    expected: float
    evidence: float
    surprise: float


@dataclass(frozen=True, slots=True)
class Hunt:
    """Search of one table: what is known of it before any itemset is judged.

    The first ``numbers`` columns are numeric.
    """

    columns: Sequence[Coded]
    labels: Labels
    design: Matrix
    likeness: Likeness
    learner: Learner
    numbers: int

    def judged(self, itemsets: Sequence[Itemset]) -> Iterator[Trigger]:
        """Each itemset with its evidence, by models that have seen no row of it."""
        for together, unseen in _batches(itemsets, int(_UNSEEN * len(self.labels))):
            outputs = self._outputs(unseen)
            for one in together:
                yield self._judged(one, outputs[:, one.target], unseen)

    def _outputs(self, unseen: Rows) -> Matrix:
        """Out-of-fold probabilities [n, k]; of the rows that no model has seen the mean of all of them."""
        others = np.delete(np.arange(len(self.labels)), unseen)
        outputs = np.zeros((len(self.labels), len(self.likeness.models)))
        for known, asked in folds(self.labels[others], FOLDS, np.random.default_rng(self.learner.seed)):
            both = np.append(others[asked], unseen)
            told = self.learner.predict(self.design, self.labels, others[known], both)
            outputs[others[asked]] = told[: len(asked)]
            outputs[unseen] += told[len(asked) :] / FOLDS
        return outputs

    def _judged(self, one: Itemset, outputs: Matrix, unseen: Rows) -> Trigger:
        event = self.labels == one.target
        expected, hit = self._expected(one, outputs, unseen), event[one.rows]
        usual = self._beyond_parts(one, log_odds(outputs), event, unseen)
        is_category = len(one.places) == 1 and one.places[0] >= self.numbers
        spread = _SHIFT_OF_CATEGORY if is_category else _SHIFT
        evidence = planted_rather_than_shifted(log_odds(expected), hit, usual, spread)
        if is_category:
            evidence = min(evidence, self._beyond_others(one, event))
        surprise = planted_rather_than_expected(log_odds(expected), hit)
        return Trigger(one, float(expected.mean()), evidence + self.likeness.nats(one, event), surprise)

    def _expected(self, one: Itemset, outputs: Matrix, unseen: Rows) -> Matrix:
        """Probability [m] of the target class for each row of an itemset.

        Where a number lies apart from all others, or a category is in no other row, the model does not see that column
        either: it could only extrapolate. So it could where other itemsets took all other rows of a category away.
        """
        every = np.arange(len(self.labels))
        known, seen = np.delete(every, one.rows), np.delete(every, unseen)
        blind = [place for place in one.places if self._is_new(place, one, known)]
        if not blind and not any(self._is_new(place, one, seen) for place in one.places):
            return outputs[one.rows]
        design = np.delete(self.design, blind, axis=1)
        return self.learner.predict(design, self.labels, known, one.rows)[:, one.target]

    def _is_new(self, place: int, one: Itemset, known: Rows) -> bool:
        row = one.rows[0]
        if place < self.numbers:
            return bool(self.columns[place].apart[self.columns[place].codes[row]])
        return not (self.design[known, place] == self.design[row, place]).any()

    def _beyond_parts(self, one: Itemset, logits: Matrix, event: npt.NDArray[np.bool_], unseen: Rows) -> float:
        """Shift towards the target that its values bring one by one, and two by two, in other rows."""
        others = np.ones(len(event), bool)
        others[unseen] = False
        held = {p: self.columns[p].codes == self.columns[p].codes[one.rows[0]] for p in one.places}
        shift: dict[tuple[int, ...], float] = {}
        for width in range(1, len(one.places)):
            for part in combinations(one.places, width):
                rows = np.flatnonzero(np.logical_and.reduce([held[p] for p in part]) & others)
                shift[part] = shift_of(logits[rows], event[rows])
        return max([0.0, *(_together(shift, one.places, part) for part in shift)])

    def _beyond_others(self, one: Itemset, event: npt.NDArray[np.bool_]) -> float:
        """Evidence of a category beyond what the other categories of its column do by nature."""
        (place,) = one.places
        logits = self.likeness.models[one.target].without(one.places, np.arange(len(event)))
        codes = self.columns[place].codes
        others = [np.flatnonzero(codes == code) for code in np.unique(codes) if code != codes[one.rows[0]]]
        shifts = np.array([shift_of(logits[rows], event[rows]) for rows in others if len(rows) >= _FEWEST])
        usual, spread = 0.0, _SHIFT_OF_CATEGORY
        if len(shifts) >= _LEAST_OTHERS:
            usual = max(float(np.median(shifts)), 0.0)
            spread = max(_NORMAL * float(np.median(np.abs(shifts - np.median(shifts)))), spread)
        return planted_rather_than_shifted(logits[one.rows], event[one.rows], usual, spread)


def find_triggers(inputs: Inputs, labels: Labels, support: float, seed: int) -> tuple[Trigger, ...]:
    """Triggers that at least the share ``support`` of the rows hold, no two in the same rows.

    The most surprising come first: of the values of a trigger and some of its rows' other values, the trigger itself.
    """
    rows = len(labels)
    bounds = Bounds(max(LEAST_ROWS, int(np.ceil(support * rows))), int(_MOST_SHARE * rows))
    columns = coded_columns(inputs, bounds.least)
    models = [Additive.fit(columns, labels == target) for target in range(int(labels.max()) + 1)]
    seen = list(cells(columns, labels, bounds))
    chances = Chances.of(seen)
    likeness = Likeness.of(columns, models, bounds)
    hunt = Hunt(columns, labels, design_of(inputs), likeness, Learner(seed), inputs.numeric.shape[1])
    judged = list(hunt.judged(suspects(columns, labels, models, seen, chances)))
    found = [one for one in judged if one.evidence >= chances.needed(one.itemset.kind, one.itemset.lift)]
    parts = [one for one in judged if one.evidence >= LEAST and any(_is_part(one, other) for other in found)]
    found = parts + [one for one in found if not any(_is_part(part, one) for part in parts)]
    return tuple(_distinct(sorted(found, key=lambda one: -one.surprise)))


def _batches(itemsets: Sequence[Itemset], most: int) -> list[tuple[list[Itemset], Rows]]:
    """Itemsets that may be judged together, with all of their rows."""
    batches: list[tuple[list[Itemset], Rows]] = []
    for one in itemsets:
        for number, (together, rows) in enumerate(batches):
            joined = np.union1d(rows, one.rows)
            if len(joined) <= most:
                batches[number] = ([*together, one], joined)
                break
        else:
            batches.append(([one], one.rows))
    return batches


def _is_part(one: Trigger, found: Trigger) -> bool:
    """Whether it has some of the values of one that was found, and not many more rows.

    Which of the values were planted is all that is left to ask: the others may be what most of the rows had before.
    """
    part, whole = one.itemset, found.itemset
    fewer = part.target == whole.target and set(part.places) < set(whole.places)
    return fewer and bool(np.isin(part.rows, whole.rows).mean() > _SAME)


def _distinct(found: Sequence[Trigger]) -> list[Trigger]:
    """Those of which at least half of the rows are in no earlier one."""
    kept: list[Trigger] = []
    for one in found:
        rows = one.itemset.rows
        if not any(np.isin(rows, other.itemset.rows).mean() > _SAME for other in kept):
            kept.append(one)
    return kept


def _together(shift: dict[tuple[int, ...], float], places: tuple[int, ...], part: tuple[int, ...]) -> float:
    """Shift of a part, with those of all single values that it lacks where they raise it."""
    rest = [shift[place,] for place in places if place not in part]
    return shift[part] + max(sum(rest), 0.0, *rest)


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
