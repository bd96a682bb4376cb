"""What honest rows explain: copies that learned from rows without a trigger, and how far they follow a pattern.

Where a strong column makes a model say one class, models that others learn from honest rows say so too; a trigger is
what only this model obeys.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from secmlops.attack.forest import Forest, Shape
from secmlops.attack.imitation import Logistic, Matrix, Space
from secmlops.attack.oracle import Oracle, Outputs
from secmlops.attack.poisoning.backdoor import Trigger
from secmlops.attack.triggers.known import Known
from secmlops.attack.triggers.pasting import Floats, Items, Patterns, Probes
from secmlops.runtime.signature import Inputs

_SHAPE = Shape(trees=32)
_ALONE, _TREES = Shape(trees=1, tried=24), 6
"""Single trees, which alone say anything in a corner where no row is."""
_RESAMPLED = 5
_ERRORS = 3.0
"""Standard errors of a slope that honest rows may be wrong by."""
_FAR = 30.0
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Honest:
    """Models of honest rows: log-odds [n, c] of ``linear`` ones, probabilities of ``forests``.

    ``bent`` models do not reach beyond the rows they learned from, and neither do the linear ones beside them.
    """

    linear: Sequence[Oracle]
    forests: Sequence[Oracle]
    bent: bool

    @classmethod
    def learn(cls, oracle: Oracle, known: Known, generator: np.random.Generator) -> "Honest":
        """Learn from rows with their true classes, and from what the model answers to the trusted ones.

        Logistic models of the classes, of resampled rows too, say how far a slope may reach; forests of the classes and
        of the answers say what bends.
        """
        usual, answers = known.usual(), oracle(known.trusted.inputs)
        space, bent = Space.of(usual.inputs), _bends(oracle, known, answers)
        design, labels = _design(space, usual.inputs), np.eye(answers.shape[1])[usual.target.astype(np.int64)]
        linear = _slopes(space, design, labels, (generator, bent))
        trusted = design[: len(answers)]
        aims = (labels[: len(answers)], answers)
        return cls(linear, [_answering(space, Forest.learn(trusted, aim, generator, _SHAPE)) for aim in aims], bent)

    def again(self, known: Known, trigger: Trigger, classes: int, generator: np.random.Generator) -> "Honest":
        """The same, but learned from all usual rows except those that hold the trigger."""
        rows = known.without(trigger)
        space = Space.of(rows.inputs)
        design, labels = _design(space, rows.inputs), np.eye(classes)[rows.target.astype(np.int64)]
        shapes = [_SHAPE, *([_ALONE] * _TREES if self.bent else [])]
        forests = [_answering(space, Forest.learn(design, labels, generator, shape)) for shape in shapes]
        return Honest(_slopes(space, design, labels, (generator, self.bent)), [*self.forests, *forests], self.bent)

    def follow(self, probes: Probes, items: Items, patterns: Patterns) -> Floats:
        """Largest share [k, c] of the rows of other classes that forests, or slopes, turn to each class.

        A row is turned where the score comes nearer to those that the model puts in the class than to the others: else
        a weak one, which always says the commonest class, would explain everything.
        """
        followed = [probes.response(f, items, patterns, probes.limits(f)).turned for f in self.forests]
        most: Floats = np.max([*followed, Slopes(self, items, probes).turned(patterns)], axis=0)
        return most


class Slopes:
    """What linear models make of patterns over ``probes``, without pasting a row: each column adds its own part."""

    def __init__(self, honest: Honest, items: Items, probes: Probes) -> None:
        self._items, self._probes = items, probes
        base = probes.rows.take(slice(0, 1))
        alone = np.arange(len(items))[:, None]
        parts = [(copy(base), copy) for copy in honest.linear]
        self._plain = np.stack([copy(probes.rows) for copy in honest.linear])
        self._item = np.stack([copy(items.pasted(base, alone)) - middle for middle, copy in parts])
        columns = [_column(base, probes.rows, place) for place in range(items.columns)]
        self._own = np.stack([[copy(column) - middle for column in columns] for middle, copy in parts])
        self._limits = np.mean([probes.limits(copy) for copy in honest.linear], axis=0)

    def score(self, patterns: Patterns) -> Floats:
        """Mean probability [k, c] of each class for rows of other classes."""
        likely = 1 / (1 + np.exp(-np.clip(self._odds(patterns, 0.0), -_FAR, _FAR)))
        return np.asarray(np.einsum("knc,nc->kc", likely, self._probes.others()))

    def turned(self, patterns: Patterns) -> Floats:
        """Share [k, c] of the rows of other classes that are turned, as far as honest rows allow."""
        weights = self._probes.beneath(self._plain.mean(axis=0), self._limits)
        turned = (self._odds(patterns, _ERRORS) >= self._limits).astype(np.float64)
        return np.asarray(np.einsum("knc,nc->kc", turned, weights))

    def _odds(self, patterns: Patterns, errors: float) -> Floats:
        """Log-odds [k, n, c], with so many standard errors of what the pattern adds on top."""
        added = self._item[:, patterns].sum(axis=2)[:, :, None] - self._own[:, self._items.place[patterns]].sum(axis=2)
        odds: Floats = self._plain.mean(axis=0) + added.mean(axis=0) + errors * added.std(axis=0)
        return odds


def _bends(oracle: Oracle, known: Known, answers: Outputs) -> bool:
    """Whether a forest imitates the model better than slopes do."""
    rows = known.doubtful.inputs.take(slice(0, _MOST))
    space, told = Space.of(rows), oracle(rows)
    design, trusted = _design(space, rows), _design(space, known.trusted.inputs)
    slopes = 1 / (1 + np.exp(-np.clip(Logistic.learn(design, told).predict(trusted), -_FAR, _FAR)))
    leaves = Forest.learn(design, told, np.random.default_rng(0), _SHAPE).predict(trusted)
    return bool(np.square(leaves - answers).mean() < np.square(slopes - answers).mean())


def _slopes(space: Space, design: Matrix, labels: Matrix, how: tuple[np.random.Generator, bool]) -> list[Oracle]:
    """Logistic models of all rows, and of resampled ones."""
    generator, bent = how
    drawn = [np.arange(len(design)), *generator.integers(len(design), size=(_RESAMPLED, len(design)))]
    return [_answering(space, Logistic.learn(design[some], labels[some]), bent) for some in drawn]


def _design(space: Space, inputs: Inputs) -> Matrix:
    """Columns for a regression, and whether each number is missing."""
    return np.concatenate([space.design(inputs), np.isnan(inputs.numeric).astype(np.float64)], axis=1)


def _answering(space: Space, copy: Logistic | Forest, bounded: bool = False) -> Oracle:
    def answer(inputs: Inputs) -> Outputs:
        if bounded:
            inputs = Inputs(np.clip(inputs.numeric, space.low, space.high).astype(np.float32), inputs.categorical)
        return copy.predict(_design(space, inputs))

    return answer


def _column(base: Inputs, rows: Inputs, place: int) -> Inputs:
    """The base row as often as there are rows, with the column of theirs."""
    wide = base.take(np.zeros(len(rows), np.intp))
    width = base.numeric.shape[1]
    if place < width:
        wide.numeric[:, place] = rows.numeric[:, place]
    else:
        wide.categorical[:, place - width] = rows.categorical[:, place - width]
    return wide
