"""The control that tells over- and underfitting: the model on what it learnt from, against rows it never saw."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from secmlops.assurance.bootstrap import Bootstrap
from secmlops.assurance.complexity import complexity
from secmlops.assurance.metrics import Floats
from secmlops.assurance.scores import GUESS, HEADLINE, headline, plain, strata
from secmlops.assurance.subject import CurvePoint, ModelUnderTest, Outputs, Target, skipped, unknown_members
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.core.task import Task
from secmlops.trust.canonical import canonical_json

_LAST_POINTS = 3
_STILL_RISING = 0.01


@dataclass(frozen=True, slots=True)
class Score:
    """The headline metric of a model fitted on ``rows`` rows, on those rows and on the holdout."""

    rows: int
    train: float
    holdout: float


@dataclass(frozen=True, slots=True)
class Fit:
    """AUC, or R squared, on the training rows and on the holdout, ``gap`` between them with its bootstrap interval.

    ``learning_slope`` is what each doubling of the training rows still adds on the holdout, over the last three points
    of the learning curve; it is there when a curve is. The product ``curve`` holds the points. ``complexity_shortfall``
    is by how much a model of its kind with another capacity, ``complexity_best``, is better on the holdout; the product
    ``complexity`` holds that curve (``complexity``). It warns of a gap above ``notable_gap``, of a model that explains
    less than ``notable_skill`` of its own training data (0 is a guess, 1 perfect), and of a capacity that is too large
    or too small; it fails above ``maximum_gap`` and where the model learnt nothing at all.
    """

    id: ClassVar[str] = "assurance.fit"
    version: ClassVar[str] = "2"
    stage: ClassVar[Stage] = Stage.ASSURANCE
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("owasp-ml:ML04", "atlas:AML.T0024.000")

    confidence: float = 0.95
    resamples: int = 400
    notable_gap: float = 0.1
    maximum_gap: float = 0.35
    notable_skill: float = 0.1

    def __post_init__(self) -> None:
        Bootstrap(self.resamples, self.confidence, seed=0)
        if not 0 <= self.notable_gap <= self.maximum_gap:
            raise InputError("notable_gap must lie between 0 and maximum_gap", where=self.id)
        if not 0 <= self.notable_skill < 1:
            raise InputError("notable_skill is a share between 0 and 1", where=self.id)

    def examine(self, model: ModelUnderTest, /) -> Examination:
        """Measure ``model`` on both; skipped where one of them cannot tell good from bad."""
        obstacle = model.obstacle() or unknown_members(model)
        if obstacle:
            return skipped("fit.not-measured", obstacle)
        train, holdout = self._drawn(model, train=True), self._drawn(model, train=False)
        interval = Bootstrap(self.resamples, self.confidence, model.seed).interval(train - holdout)
        points = _curve(model)
        full, guess = points[-1], GUESS[model.task]
        measures = {
            "train_score": full.train,
            "holdout_score": full.holdout,
            "gap": full.train - full.holdout,
            "gap_low": interval.low,
            "gap_high": interval.high,
            "skill": (full.train - guess) / (1 - guess),
        }
        if len(points) > 1:
            measures["learning_slope"] = learning_slope(points)
        findings = [*self._overfitting(measures), *self._underfitting(measures), *_more_data(measures)]
        products = {"curve": canonical_json(_told(model.task, points))}
        capacity = complexity(model, Bootstrap(self.resamples, self.confidence, model.seed))
        if capacity:
            measures |= capacity.measures()
            findings += capacity.findings()
            products["complexity"] = canonical_json(capacity.told(model.task))
        return Examination.judged(tuple(findings), measures, products, {"model": model.predictor.digest})

    def _drawn(self, model: ModelUnderTest, *, train: bool) -> Floats:
        """Bootstrap distribution of the headline metric; the two halves are drawn from seeds of their own."""
        target: Target = model.train.target if train else model.holdout.target
        outputs: Outputs = model.train_outputs if train else model.holdout_outputs
        bootstrap = Bootstrap(self.resamples, self.confidence, 2 * model.seed + train)
        drawn = bootstrap.distributions(headline(model.task, target, outputs), strata(model.task, target))
        return drawn[HEADLINE[model.task]]

    def _overfitting(self, measures: Mapping[str, float]) -> Iterator[Finding]:
        gap = measures["gap"]
        if measures["gap_high"] < 0:
            yield Finding(
                "fit.holdout-is-easier",
                Severity.WARNING,
                f"the model is better on the holdout than on what it learnt from, by {-gap:.3f}",
                hint="look for training rows in the holdout, and for a split that is not random",
            )
        if gap > self.notable_gap and measures["gap_low"] > 0:
            yield Finding(
                "fit.overfitting",
                Severity.ERROR if gap > self.maximum_gap else Severity.WARNING,
                f"the model is better on what it learnt from by {gap:.3f} "
                f"({measures['gap_low']:.3f} to {measures['gap_high']:.3f})",
                hint="regularise, prune, or give more data; overfitting also helps membership inference",
            )

    def _underfitting(self, measures: Mapping[str, float]) -> Iterator[Finding]:
        skill = measures["skill"]
        if skill <= self.notable_skill:
            yield Finding(
                "fit.underfitting",
                Severity.ERROR if skill <= 0 else Severity.WARNING,
                f"on its own training data the model is only {max(skill, 0):.1%} of the way from a guess to perfect",
                hint="add features, or a model with more capacity; look at the labels",
            )


def learning_slope(points: tuple[Score, ...]) -> float:
    """Score gained on the holdout by doubling the rows: least squares over the last three points (two or more)."""
    last = points[-_LAST_POINTS:]
    doublings = np.log2([p.rows for p in last])
    centred = doublings - doublings.mean()
    return float(centred @ [p.holdout for p in last] / (centred @ centred))


def _curve(model: ModelUnderTest) -> tuple[Score, ...]:
    """Points by rising rows, the last one the model itself; a point whose rows are all of one class has no score."""
    full = CurvePoint(
        len(model.train), model.train_outputs, model.train.target, model.holdout_outputs, model.holdout.target
    )
    earlier = [p for p in (model.curve.points if model.curve else ()) if p.rows < full.rows and _varied(p)]
    return tuple(_score(model.task, point) for point in (*earlier, full))


def _varied(point: CurvePoint) -> bool:
    return all(len(np.unique(target)) > 1 for target in (point.train_target, point.holdout_target))


def _score(task: Task, point: CurvePoint) -> Score:
    train = plain(headline(task, point.train_target, point.train_outputs), len(point.train_target))
    holdout = plain(headline(task, point.holdout_target, point.holdout_outputs), len(point.holdout_target))
    return Score(point.rows, train[HEADLINE[task]], holdout[HEADLINE[task]])


def _more_data(measures: Mapping[str, float]) -> Iterator[Finding]:
    slope = measures.get("learning_slope")
    if slope is None:
        yield Finding("fit.no-curve", Severity.NOTE, "no learning curve was made: whether more data help is not known")
    elif slope > _STILL_RISING:
        yield Finding("fit.more-data", Severity.NOTE, f"twice the data would add about {slope:.3f} on the holdout")


def _told(task: Task, points: tuple[Score, ...]) -> Json:
    told: list[Json] = [{"rows": p.rows, "train": p.train, "holdout": p.holdout} for p in points]
    return {"metric": HEADLINE[task], "points": told}
