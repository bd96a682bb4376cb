"""The complexity curve: models of ever more capacity, on what they learn from and on the holdout, beside the model.

What scikit-learn calls a validation curve. The model itself is not fitted again: what learns is of its kind, forests of
rising depth where it is made of trees, and else the better imitation of it, linear models or forests.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from secmlops.assurance.bootstrap import Bootstrap, Interval
from secmlops.assurance.metrics import Floats, Weights
from secmlops.assurance.scores import HEADLINE, headline, plain, strata
from secmlops.assurance.subject import ModelUnderTest, Outputs, Target
from secmlops.attack.agreement import agreement
from secmlops.attack.forest import Forest, Shape
from secmlops.attack.imitation import Linear, Logistic, Matrix, Space
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples

MOST_ROWS = 2_000
"""Rows that are learned from, and rows of the holdout that judge, at most."""
_TREES, _RESAMPLES, _MOST_COLUMNS = 16, 200, 300
_OF_TREES = b"TreeEnsemble"
"""How the operators of ONNX are called that hold trees."""
_NOTABLE = 0.02

Learn = Callable[[Matrix, Outputs, float, int], Linear | Logistic | Forest]
Places = npt.NDArray[np.intp]


class Verdict(StrEnum):
    """What the curve says of the model's own capacity."""

    OVER = "too much"
    UNDER = "too little"
    RIGHT = "about right"


@dataclass(frozen=True, slots=True)
class Kind:
    """Models of one kind: what their ``capacity`` is called, the values that are tried, rising, and how they learn."""

    capacity: str
    values: tuple[float, ...]
    learn: Learn


def _forest(design: Matrix, aim: Outputs, depth: float, seed: int) -> Forest:
    shape = Shape(trees=_TREES, depth=int(depth), least=1)
    return Forest.learn(design, aim, np.random.default_rng([seed, 9]), shape)


def _linear(design: Matrix, aim: Outputs, inverse: float, _: int) -> Linear | Logistic:
    penalty = 1 / (inverse * len(design))
    return Linear.learn(design, aim, penalty) if aim.shape[1] == 1 else Logistic.learn(design, aim, penalty)


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "forest": Kind("depth", (1, 2, 3, 4, 6, 8, 10), _forest),
        "linear": Kind("C", (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0), _linear),
    }
)
"""Kinds that are tried; ``C`` is the inverse of the penalty on standardised columns, as in scikit-learn."""


@dataclass(frozen=True, slots=True)
class Span:
    """A score with its bootstrap interval."""

    score: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class Rung:
    """Scores of the model of capacity ``at`` on what it learned from and on the holdout."""

    at: float
    train: Span
    holdout: Span


@dataclass(frozen=True, slots=True)
class Complexity:
    """The curve by rising capacity, and where the model stands.

    ``best`` is the capacity that did best on one half of the holdout; on the other half it is better than the model by
    ``shortfall`` of the headline metric, with its bootstrap interval. ``train`` and ``holdout`` are the model's scores.
    """

    kind: str
    rungs: tuple[Rung, ...]
    train: float
    holdout: float
    best: float
    shortfall: Span

    @property
    def verdict(self) -> Verdict:
        """Not right where another capacity is better beyond chance and by more than a fiftieth."""
        if self.shortfall.score <= _NOTABLE or self.shortfall.interval.low <= 0:
            return Verdict.RIGHT
        chosen = next(rung for rung in self.rungs if rung.at == self.best)
        return Verdict.OVER if chosen.train.score < self.train else Verdict.UNDER

    def measures(self) -> dict[str, float]:
        """Measures by name."""
        low, high = self.shortfall.interval.low, self.shortfall.interval.high
        span = {"complexity_shortfall_low": low, "complexity_shortfall_high": high}
        return {"complexity_best": self.best, "complexity_shortfall": self.shortfall.score, **span}

    def findings(self) -> Iterator[Finding]:
        """Warn where another capacity would do better."""
        if self.verdict is Verdict.RIGHT:
            return
        over, span = self.verdict is Verdict.OVER, self.shortfall.interval
        yield Finding(
            "fit.too-complex" if over else "fit.too-simple",
            Severity.WARNING,
            f"a {'simpler' if over else 'richer'} {self.kind} model ({KINDS[self.kind].capacity} {self.best:g}) is "
            f"better on the holdout by {self.shortfall.score:.3f} ({span.low:.3f} to {span.high:.3f})",
            hint="fewer levels, more rows a leaf or a stronger penalty" if over else "more capacity, or more features",
        )

    def told(self, task: Task) -> Json:
        """Product for the chart."""
        points: list[Json] = [
            {"at": rung.at, "train": _numbers(rung.train), "holdout": _numbers(rung.holdout)} for rung in self.rungs
        ]
        model: Json = {"train": self.train, "holdout": self.holdout, "verdict": str(self.verdict)}
        named: dict[str, Json] = {"kind": self.kind, "capacity": KINDS[self.kind].capacity, "best": self.best}
        return {**named, "metric": HEADLINE[task], "model": model, "points": points}


def complexity(model: ModelUnderTest, bootstrap: Bootstrap) -> Complexity | None:
    """Curve of models like ``model``, which must have training rows that it is known to have learned from.

    None where half of the holdout holds a single class, and of a model that was trained privately: models that learn
    from its rows without noise would tell what its training was kept from telling.
    """
    scene = _Scene.of(model, replace(bootstrap, resamples=_RESAMPLES))
    halves = [scene.holdout.target[half] for half in scene.halves]
    if model.promise is not None or min(len(np.unique(target)) for target in (*halves, scene.train.target)) < 2:
        return None
    name = scene.kind()
    outputs = [scene.fitted(KINDS[name], at) for at in KINDS[name].values]
    choosing, judging = scene.halves
    scores = [scene.score(scene.holdout.target[choosing], held[choosing]) for _, held in outputs]
    best = int(np.argmax(scores))
    shortfall = scene.beyond(outputs[best][1], judging)
    rungs = tuple(scene.rung(at, *answers) for at, answers in zip(KINDS[name].values, outputs, strict=True))
    own = [scene.score(part.target, model.predictor.predict(part.inputs)) for part in (scene.train, scene.holdout)]
    return Complexity(name, rungs, own[0], own[1], KINDS[name].values[best], shortfall)


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """The rows that take part, as columns of numbers, and the two halves of the holdout."""

    model: ModelUnderTest
    train: Examples
    holdout: Examples
    designs: tuple[Matrix, Matrix]
    halves: tuple[Places, Places]
    bootstrap: Bootstrap

    @classmethod
    def of(cls, model: ModelUnderTest, bootstrap: Bootstrap) -> "_Scene":
        train, holdout = _drawn(model.train, [model.seed, 10]), _drawn(model.holdout, [model.seed, 11])
        space = Space.of(train.inputs)
        sides = strata(model.task, holdout.target)
        order = np.concatenate([np.flatnonzero(sides == side) for side in np.unique(sides)])  # each half of each class
        designs = (space.design(train.inputs), space.design(holdout.inputs))
        return cls(model, train, holdout, designs, (order[::2], order[1::2]), bootstrap)

    def kind(self) -> str:
        """Name of the kind that the model is of, or that agrees best with it."""
        if (self.model.onnx and _OF_TREES in self.model.onnx) or self.designs[0].shape[1] > _MOST_COLUMNS:
            return "forest"
        taught, answers = (self.model.predictor.predict(part.inputs) for part in (self.train, self.holdout))
        copies = {name: self.fitted(kind, kind.values[-2], taught)[1] for name, kind in KINDS.items()}
        return max(copies, key=lambda name: agreement(answers, copies[name]))

    def fitted(self, kind: Kind, at: float, aim: Outputs | None = None) -> tuple[Outputs, Outputs]:
        """Answers to the training rows and to the holdout of a model of capacity ``at``; ``aim`` is the target."""
        if aim is None:
            classes, target = self.model.signature.classes, self.train.target
            aim = np.eye(len(classes))[target.astype(np.int64)] if classes else target.astype(np.float64)[:, None]
        learned = kind.learn(self.designs[0], aim, at, self.model.seed)
        return learned.predict(self.designs[0]), learned.predict(self.designs[1])

    def score(self, target: Target, outputs: Outputs) -> float:
        """The headline metric."""
        return plain(headline(self.model.task, target, outputs), len(target))[HEADLINE[self.model.task]]

    def rung(self, at: float, train: Outputs, holdout: Outputs) -> Rung:
        """Scores of a model by its answers to both parts."""
        return Rung(at, self._span(self.train.target, train), self._span(self.holdout.target, holdout))

    def beyond(self, outputs: Outputs, rows: Places) -> Span:
        """By how much other answers to the holdout are better than the model's, on ``rows`` of it."""
        task, target = self.model.task, self.holdout.target[rows]
        answers = self.model.predictor.predict(self.holdout.inputs.take(rows))
        one, other = (headline(task, target, found) for found in (outputs[rows], answers))

        def difference(weights: Weights) -> dict[str, Floats]:
            return {"difference": one(weights)[HEADLINE[task]] - other(weights)[HEADLINE[task]]}

        drawn = self.bootstrap.distributions(difference, strata(task, target))["difference"]
        return Span(plain(difference, len(target))["difference"], self.bootstrap.interval(drawn))

    def _span(self, target: Target, outputs: Outputs) -> Span:
        drawn = self.bootstrap.distributions(
            headline(self.model.task, target, outputs), strata(self.model.task, target)
        )
        return Span(self.score(target, outputs), self.bootstrap.interval(drawn[HEADLINE[self.model.task]]))


def _numbers(span: Span) -> list[Json]:
    return [span.score, span.interval.low, span.interval.high]


def _drawn(examples: Examples, seed: list[int]) -> Examples:
    """At most ``MOST_ROWS`` of the examples, in a random order."""
    return examples.take(np.random.default_rng(seed).permutation(len(examples))[:MOST_ROWS])
