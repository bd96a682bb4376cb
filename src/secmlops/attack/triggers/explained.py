"""What honest rows explain: copies that learned from rows without a trigger, and how far they follow a pattern.

Where a strong column makes a model say one class, models that others learn from honest rows say so too; a trigger is
what only this model obeys.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from secmlops.attack.forest import Forest, Shape
from secmlops.attack.imitation import Logistic, Matrix, Space
from secmlops.attack.network import Network
from secmlops.attack.oracle import Oracle, Outputs
from secmlops.attack.poisoning.backdoor import Trigger
from secmlops.attack.triggers.known import Known
from secmlops.attack.triggers.pasting import Floats, Items, Panel, Patterns, Probes
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Inputs

_SHAPE = Shape(trees=32)
_ALONE, _TREES = Shape(trees=1, tried=24), 6
"""Single trees, which alone say anything in a corner where no row is."""
_NETWORKS = 2
"""Networks, which go on beyond the rows that they learned from, each its own way."""
_RESAMPLED = 5
_ERRORS = 2.0
"""Standard errors of a slope that honest rows may be wrong by."""
_FAR = 30.0
_SLIGHT, _ROUNDED, _FEW = 1e-4, 1e-9, 0.5
"""A move in standard deviations, what rounding makes of an answer, and the share of answers that trees change less."""
_UNTOLD, _LEVEL = 1e-4, 1e-2
"""Probabilities below which log-odds are not compared, and how far these may be from a line, in nats."""


@dataclass(frozen=True, slots=True)
class Honest:
    """Models of honest rows: log-odds of ``linear`` ones, probabilities of panels of ``curved`` ones.

    A ``bent`` model does not reach beyond the rows it learned from, and neither do the linear ones beside it. Beside
    one that is neither bent nor straight ``networks`` are learned, so many.
    """

    linear: Panel
    curved: Sequence[Panel]
    bent: bool
    networks: int

    @classmethod
    def learn(cls, oracle: Oracle, known: Known, generator: np.random.Generator) -> "Honest":
        """Learn from rows with their true classes, and from what the model answers to the trusted ones.

        Logistic models of the classes, of resampled rows too, say how far a slope may reach; forests of the classes and
        of the answers, or networks, say what bends.
        """
        answers = oracle(known.trusted.inputs)
        usual, trusted = (_Lesson.of(rows, answers.shape[1], generator) for rows in (known.usual(), known.trusted))
        bent = _bends(oracle, known.trusted.inputs, answers)
        forests = trusted.forest(_SHAPE), replace(trusted, labels=answers).forest(_SHAPE)
        networks = 0 if bent or _straight(oracle, known.trusted.inputs) else _NETWORKS
        return cls(usual.slopes(bent), [trusted.panel([*forests, *trusted.networks(networks)])], bent, networks)

    @classmethod
    def trusted(cls, known: Known, classes: int, generator: np.random.Generator) -> Panel:
        """A forest that learned from trusted rows alone: it makes nothing of what never differs there."""
        rows = _Lesson.of(known.trusted, classes, generator)
        return rows.panel([rows.forest(_SHAPE)])

    def again(self, known: Known, trigger: Trigger, classes: int, generator: np.random.Generator) -> "Honest":
        """The same, but learned from all usual rows except those that hold the trigger."""
        rows = _Lesson.of(known.without(trigger), classes, generator)
        forests = [rows.forest(shape) for shape in (_SHAPE, *([_ALONE] * _TREES if self.bent else []))]
        curved = rows.panel([*forests, *rows.networks(self.networks)])
        return Honest(rows.slopes(self.bent), [*self.curved, curved], self.bent, self.networks)

    def follow(self, probes: Probes, items: Items, patterns: Patterns) -> Floats:
        """Largest share [k, c] of the rows of other classes that curved models, or slopes, turn to each class.

        A row is turned where the score comes nearer to those that the model puts in the class than to the others: else
        a weak one, which always says the commonest class, would explain everything.
        """
        followed = [probes.reached(panel, items, patterns).max(axis=0) for panel in self.curved]
        most: Floats = np.max([*followed, Slopes(self, items, probes).reached(patterns)], axis=0)
        return most


class Slopes:
    """What linear models make of patterns over ``probes``, without pasting a row: each column adds its own part."""

    def __init__(self, honest: Honest, items: Items, probes: Probes) -> None:
        self._items, self._probes = items, probes
        base = probes.rows.take(slice(0, 1))
        middle = honest.linear(base)
        plain = honest.linear(probes.rows)
        self._item = honest.linear(items.pasted(base, np.arange(len(items))[:, None])) - middle
        columns = [honest.linear(_column(base, probes.rows, place)) - middle for place in range(items.columns)]
        self._own = np.stack(columns, axis=1)
        self._plain = plain.mean(axis=0, keepdims=True)
        self._limits = probes.limits(plain).mean(axis=0, keepdims=True)

    def score(self, patterns: Patterns) -> Floats:
        """Mean probability [k, c] of each class for rows of other classes."""
        likely = 1 / (1 + np.exp(-np.clip(self._odds(patterns, 0.0), -_FAR, _FAR)))
        return np.asarray(np.einsum("knc,nc->kc", likely, self._probes.others()))

    def reached(self, patterns: Patterns) -> Floats:
        """Share [k, c] of the rows below the limit that reach it, as far as honest rows allow."""
        weights = self._probes.beneath(self._plain, self._limits)[0]
        reached = self._odds(patterns, _ERRORS) >= self._limits[0]
        return np.asarray(np.einsum("knc,nc->kc", reached.astype(np.float64), weights))

    def _odds(self, patterns: Patterns, errors: float) -> Floats:
        """Log-odds [k, n, c], with so many standard errors of what the pattern adds on top."""
        added = self._item[:, patterns].sum(axis=2)[:, :, None] - self._own[:, self._items.place[patterns]].sum(axis=2)
        odds: Floats = self._plain[0] + added.mean(axis=0) + errors * added.std(axis=0)
        return odds


@dataclass(frozen=True, slots=True, eq=False)
class _Lesson:
    """Rows to learn from: columns ``design`` [n, d] of a ``space``, and ``labels`` or answers [n, c]."""

    space: Space
    design: Matrix
    labels: Matrix
    generator: np.random.Generator

    @classmethod
    def of(cls, rows: Examples, classes: int, generator: np.random.Generator) -> "_Lesson":
        space = Space.of(rows.inputs)
        return cls(space, _design(space, rows.inputs), np.eye(classes)[rows.target.astype(np.int64)], generator)

    def forest(self, shape: Shape) -> Forest:
        return Forest.learn(self.design, self.labels, self.generator, shape)

    def networks(self, count: int) -> list[Network]:
        return [Network.learn(self.design, self.labels, self.generator) for _ in range(count)]

    def slopes(self, bent: bool) -> Panel:
        """Logistic models of all rows, and of resampled ones."""
        rows = len(self.design)
        drawn = [np.arange(rows), *self.generator.integers(rows, size=(_RESAMPLED, rows))]
        return self.panel([Logistic.learn(self.design[some], self.labels[some]) for some in drawn], bent)

    def panel(self, copies: Sequence[Forest | Network | Logistic], bounded: bool = False) -> Panel:
        """All copies at once; ``bounded`` ones see no number beyond those that were learned from."""
        space = self.space

        def answer(inputs: Inputs) -> Floats:
            if bounded:
                inputs = Inputs(np.clip(inputs.numeric, space.low, space.high).astype(np.float32), inputs.categorical)
            design = _design(space, inputs)
            return np.stack([copy.predict(design) for copy in copies])

        return answer


def _bends(oracle: Oracle, rows: Inputs, answers: Outputs) -> bool:
    """Whether the model goes in steps, as trees do: a slight move of all numbers changes few of its answers."""
    if not rows.numeric.shape[1]:
        return False
    moved = rows.numeric + _SLIGHT * np.nanstd(rows.numeric, axis=0)
    apart = np.abs(oracle(Inputs(moved.astype(np.float32), rows.categorical)) - answers).max(axis=1)
    return bool((apart > _ROUNDED).mean() < _FEW)


def _straight(oracle: Oracle, rows: Inputs) -> bool:
    """Whether the log-odds halfway between the numbers of two rows lie halfway, as in a logistic model."""
    others = rows.numeric[::-1]
    whole = np.isfinite(rows.numeric).all(axis=1) & np.isfinite(others).all(axis=1)
    between = rows.numeric, ((rows.numeric + others) / 2).astype(np.float32), others
    answers = np.stack([oracle(Inputs(numbers[whole], rows.categorical[whole])) for numbers in between])
    told = (answers > _UNTOLD).all(axis=(0, 2))  # what is nearly sure is rounded
    odds = np.log(answers[:, told, 1:]) - np.log(answers[:, told, :1])
    if not odds.size:
        return False
    apart = np.abs(odds[1] - (odds[0] + odds[2]) / 2)
    return bool(np.median(apart) < _LEVEL)


def _design(space: Space, inputs: Inputs) -> Matrix:
    """Columns for a regression, and whether each number is missing."""
    return np.concatenate([space.design(inputs), np.isnan(inputs.numeric).astype(np.float64)], axis=1)


def _column(base: Inputs, rows: Inputs, place: int) -> Inputs:
    """The base row as often as there are rows, with the column of theirs."""
    wide = base.take(np.zeros(len(rows), np.intp))
    width = base.numeric.shape[1]
    if place < width:
        wide.numeric[:, place] = rows.numeric[:, place]
    else:
        wide.categorical[:, place - width] = rows.categorical[:, place - width]
    return wide
