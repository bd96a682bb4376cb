"""Triggers planted and looked for, beside an oracle that knows which trigger it is: what could be found at all.

The oracle asks two questions about the rows that hold the trigger. Do they have the target class oftener than a model
foresees that has not seen them (Poisson binomial tail)? Do they look, by that model, like rows of other classes (normal
tail)? Fisher's method joins the two. If it cannot tell such rows from honest ones at 5%, then nobody can who uses the
labels and columns as the model does. A search does not know the trigger: within its reach is what is significant among
a hundred guesses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import log
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from secmlops.attack.poisoning.backdoor import Trigger, draw_trigger, plant
from secmlops.attack.poisoning.poisoned import Poisoned
from secmlops.core.errors import InputError
from secmlops.data.poisoning.learner import Learner, design_of
from secmlops.data.poisoning.triggers import LEAST_ROWS, find_triggers
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Inputs

SIGNIFICANT, GUESSES = 0.05, 100
_WORKS = 0.2  # of the rows of other classes that are turned, beyond what a model of honest rows does

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effect:
    """Share of other classes' rows ``turned``, ``left`` after the removal, and the accuracy ``lost`` by it.

    Each share is beyond what a model does that learned from the same rows before anything was planted in them.
    """

    turned: float
    left: float
    lost: float

    @property
    def works(self) -> bool:
        """Whether it turned rows before anything was removed."""
        return self.turned >= _WORKS


@dataclass(frozen=True, slots=True)
class Case:
    """One trigger that was planted: whether it was found, what the oracle says, and its effect where that is asked."""

    rare: bool
    rows: int
    found: bool
    oracle: float
    effect: Effect | None

    @property
    def in_reach(self) -> bool:
        """Whether a search could find it, that has a hundred guesses."""
        return self.oracle <= SIGNIFICANT / GUESSES

    @property
    def beyond(self) -> bool:
        """Whether not even the oracle can tell its rows from honest ones."""
        return self.oracle > SIGNIFICANT


def cases(given: Examples, support: float, runs: range, measured: int) -> Iterator[Case]:
    """Triggers of one to three columns, inside and outside of the ranges, towards either class.

    The effect is measured of those of so many columns.
    """
    for width, outside, rare in product((1, 2, 3), (False, True), (True, False)):
        for seed in runs:
            case = planted(given, support, (width, outside, rare), seed, effects=width == measured)
            if case is not None:
                yield case


def planted(given: Examples, support: float, kind: tuple[int, bool, bool], seed: int, *, effects: bool) -> Case | None:
    """Plant a trigger in two thirds of the rows and look for it; None where it cannot be planted in five rows.

    ``kind`` is the number of its columns, whether it lies outside of the ranges, and whether the rarer class is wanted.
    """
    width, outside, rare = kind
    rng = np.random.default_rng([seed, width, outside, rare])
    order = rng.permutation(len(given))
    honest, tested = given.take(order[: 2 * len(order) // 3]), given.take(order[2 * len(order) // 3 :])
    target = int((honest.target.mean() < 0.5) == rare)
    try:
        trigger = draw_trigger(honest.inputs, width, rng, outside)
        poisoned = plant(honest, trigger, target, support, rng)
    except InputError:
        return None
    if np.count_nonzero(poisoned.bad) < LEAST_ROWS:
        return None
    found = find_triggers(poisoned.examples.inputs, poisoned.examples.target, 0.004, seed)
    proposed = np.unique(np.concatenate([np.empty(0, np.intp), *(one.itemset.rows for one in found)]))
    caught = bool(poisoned.bad[proposed].sum() >= 0.8 * poisoned.bad.sum())
    kept = np.delete(np.arange(len(honest)), proposed)
    effect = _effect(_Judge(trigger, target, tested), honest, poisoned.examples, kept) if effects else None
    return Case(rare, int(poisoned.bad.sum()), caught, oracle(poisoned, trigger, target), effect)


def _effect(judge: "_Judge", honest: Examples, poisoned: Examples, kept: npt.NDArray[np.intp]) -> Effect:
    usual, accuracy = judge.of(honest)
    turned = judge.of(poisoned)[0] - usual
    if len(kept) == len(honest):
        return Effect(turned, turned, 0.0)
    after, then = judge.of(poisoned.take(kept))
    return Effect(turned, after - judge.of(honest.take(kept))[0], accuracy - then)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Rows that nobody poisoned, to ask a model about with and without the trigger."""

    trigger: Trigger
    target: int
    tested: Examples

    def of(self, trained: Examples) -> tuple[float, float]:
        """Share of other classes' rows that a model gives to the target once stamped, and its accuracy on all rows."""
        others = self.tested.take(np.flatnonzero(self.tested.target != self.target))
        every = joined(trained.inputs, self.trigger.stamp(others.inputs), self.tested.inputs)
        padded = np.concatenate([trained.target, others.target, self.tested.target])
        known = np.arange(len(trained))
        # Smaller leaves than the model that searches has: it notices a few rows.
        outputs = Learner(1, 60, 31, 3).predict(design_of(every), padded, known, np.arange(len(known), len(padded)))
        answers = outputs.argmax(axis=1)
        turned = answers[: len(others)] == self.target
        return float(np.mean(turned)), float(np.mean(answers[len(others) :] == self.tested.target))


def joined(*parts: Inputs) -> Inputs:
    """Rows of all of them, one after another."""
    return Inputs(*(np.concatenate([getattr(part, kind) for part in parts]) for kind in ("numeric", "categorical")))


def oracle(poisoned: Poisoned, trigger: Trigger, target: int) -> float:
    """Probability that honest rows speak as much for this trigger as the rows that hold it do."""
    inputs, labels = poisoned.examples.inputs, poisoned.examples.target
    held = trigger.met_by(inputs)
    rows, others = np.flatnonzero(held), np.flatnonzero(~held)
    # Values that no other row holds tell a model nothing: it may as well not see them.
    design = design_of(inputs)
    numbers = inputs.numeric.shape[1]
    places = [*trigger.numeric, *(numbers + place for place in trigger.categorical)]
    seen = np.delete(design, [p for p in places if not (design[others, p] == design[rows[0], p]).any()], axis=1)
    expected = Learner().predict(seen, labels, others, rows)[:, target]
    by_labels = _tail(expected, int(np.count_nonzero(labels[rows] == target)))
    blind = np.delete(design, places, axis=1)
    if not blind.shape[1]:
        return by_labels
    asked = np.append(others[1::2], rows)
    logits = _logits(Learner().predict(blind, labels, others[::2], asked)[:, target])
    usual, stamped = np.split(logits, [len(asked) - len(rows)])
    far = float((usual.mean() - stamped.mean()) / max(usual.std(), 1e-9) * np.sqrt(len(rows)))
    both = max(by_labels * NormalDist().cdf(-far), 1e-300)
    return float(both * (1 - log(both)))


def _tail(chances: Matrix, hits: int) -> float:
    """Probability of as many hits or more, each with a chance of its own."""
    counts = np.ones(1)
    for chance in chances:
        counts = np.convolve(counts, [1 - chance, chance])
    return float(counts[hits:].sum())


def _logits(probabilities: Matrix) -> Matrix:
    held = probabilities.clip(1e-3, 1 - 1e-3)
    odds: Matrix = np.log(held / (1 - held))
    return odds


def rows_needed(chance: float, level: float) -> int:
    """Fewest rows of which all have a label that each has with this chance anyway, to be significant."""
    return int(np.ceil(log(level) / log(chance)))
