"""The control that looks for slices of the holdout in which the model is worse, or wrong in one direction."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np

from secmlops.assurance.subject import ModelUnderTest, Outputs, Target, skipped
from secmlops.core.control import Examination
from secmlops.core.counting import counted
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.core.task import Task
from secmlops.detect.slices.grid import CUTS, Axis, Floats, axes
from secmlops.detect.slices.search import Demand, Slice, count_tried, find_slices
from secmlops.runtime.signature import Feature
from secmlops.trust.canonical import canonical_json

_CLIPPED = 3.0
_ROWS_PER_CUT = 1_000
_MOST_CUTS = 20
_WORSE, _TOO_LOW, _TOO_HIGH = "worse", "too_low", "too_high"


@dataclass(frozen=True, slots=True)
class Told:
    """One slice as the report shows it: its ``kind``, its words, rows, their mean and the mean of all rows."""

    kind: str
    words: str
    rows: int
    share: float
    mean: float
    overall: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Slices:
    """Slices of one column or two, found by counting all of them; the product ``slices`` lists them.

    ``worse``: the error is above the holdout's, as the Brier score of a row (0 to 1), or its squared residual in
    variances of the target, cut off at 3 standard deviations. ``too_low`` and ``too_high``: outcomes lie above or below
    what was predicted (Hebert-Johnson et al. 2018), for two classes and quantities. Each of the three searches is wrong
    about any slice at all in at most ``false_alarms`` of models. Warned of from ``notable_ratio`` times the error of
    all rows, or a mean residual of ``notable_bias``. ``minimum_rows`` is the smallest slice.
    """

    id: ClassVar[str] = "assurance.slices"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.ASSURANCE
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("atlas:AML.T0020", "owasp-ml:ML02")

    minimum_rows: int = 30
    false_alarms: float = 0.05
    notable_ratio: float = 1.25
    notable_bias: float = 0.1

    def __post_init__(self) -> None:
        if self.minimum_rows < 1:
            raise InputError("minimum_rows is below 1", where=self.id)
        if not 0 < self.false_alarms < 1:
            raise InputError("false_alarms is not between 0 and 1", where=self.id, hint="0.05 is usual")
        if self.notable_ratio < 1 or self.notable_bias < 0:
            raise InputError("notable_ratio is at least 1, notable_bias at least 0", where=self.id)

    def examine(self, model: ModelUnderTest, /) -> Examination:
        """Search the holdout of ``model``; skipped where it cannot tell good from bad."""
        obstacle = model.obstacle()
        if obstacle:
            return skipped("slices.not-measured", obstacle)
        grid = axes(model.holdout.inputs, _cuts(len(model.holdout)))
        features = (*model.signature.numeric, *model.signature.categorical)
        demand = Demand(self.minimum_rows, self.false_alarms)
        told: list[Told] = []
        for kind, loss in _losses(model.task, model.holdout.target, model.holdout_outputs).items():
            overall = float(loss.mean())
            found = find_slices(grid, loss, demand)
            told += [_told(kind, one, overall, len(loss), _words(one, grid, features)) for one in found]
        error = _error(model.task, model.holdout.target, model.holdout_outputs)
        return Examination.judged(
            tuple(self._findings(told)),
            _measures(told, float(error.mean()), len(error), count_tried(grid)),
            {"slices": canonical_json([asdict(one) for one in told])},
            {"model": model.predictor.digest},
        )

    def _findings(self, told: list[Told]) -> Iterator[Finding]:
        for one in told:
            rows = f"{counted(one.rows, 'row')}, {one.share:.1%} of the holdout"
            if one.kind == _WORSE and one.mean >= self.notable_ratio * one.overall:
                yield Finding(
                    "slices.worse",
                    Severity.WARNING,
                    f"the error is {one.mean:.3f} where {one.words} ({rows}), {one.overall:.3f} over all rows",
                    hint="look at the labels there, gather more such rows, or do not let the model decide them alone",
                )
            elif one.kind != _WORSE and one.mean >= self.notable_bias:
                direction = "below" if one.kind == _TOO_LOW else "above"
                yield Finding(
                    "slices.biased",
                    Severity.WARNING,
                    f"predictions lie {one.mean:.3f} {direction} what came true where {one.words} ({rows})",
                    hint="a feature or an interaction is missing there, or its labels were changed",
                )


def _cuts(rows: int) -> int:
    """Ranges of a number: the more rows, the finer."""
    return min(max(rows // _ROWS_PER_CUT, CUTS), _MOST_CUTS)


def _error(task: Task, target: Target, outputs: Outputs) -> Floats:
    """Error of each row [n], 0 or more."""
    if task is Task.REGRESSION:
        error: Floats = np.square(_residual(target, outputs))
        return error
    missing = outputs.copy()
    missing[np.arange(len(target)), target.astype(np.intp)] -= 1
    halved: Floats = np.square(missing).sum(axis=1) / 2
    return halved


def _residual(target: Target, outputs: Outputs) -> Floats:
    residual: Floats = ((target - outputs[:, 0]) / target.std()).clip(-_CLIPPED, _CLIPPED)
    return residual


def _losses(task: Task, target: Target, outputs: Outputs) -> dict[str, Floats]:
    """What is searched for a high mean, by kind: [n] each."""
    losses = {_WORSE: _error(task, target, outputs)}
    if task is not Task.MULTICLASS:
        above = _residual(target, outputs) if task is Task.REGRESSION else target - outputs[:, 1]
        losses |= {_TOO_LOW: above, _TOO_HIGH: -above}
    return losses


def _told(kind: str, one: Slice, overall: float, rows: int, words: str) -> Told:
    return Told(kind, words, len(one.rows), len(one.rows) / rows, one.loss, overall, one.p_value)


def _measures(told: list[Told], overall: float, rows: int, tried: int) -> dict[str, float]:
    worse = [one for one in told if one.kind == _WORSE]
    biased = [one for one in told if one.kind != _WORSE]
    worst = max(worse, key=lambda one: one.mean, default=None)
    return {
        "worse_slices": float(len(worse)),
        "biased_slices": float(len(biased)),
        "overall_error": overall,
        "worst_error": overall if worst is None else worst.mean,
        "worst_ratio": 1.0 if worst is None else worst.mean / overall,
        "worst_share": 0.0 if worst is None else worst.share,
        "worst_bias": max((one.mean for one in biased), default=0.0),
        "tried": float(tried),
        "rows": float(rows),
    }


def _words(one: Slice, grid: list[Axis], features: tuple[Feature, ...]) -> str:
    return " and ".join(_condition(features[axis], grid[axis], number) for axis, number in one.places)


def _condition(feature: Feature, axis: Axis, number: int) -> str:
    """Words for one range. A category stands in them only where the signature lists it, which is handed out anyway."""
    if axis.categories:
        category = axis.categories[number]
        if not category:
            return f"{feature.name} is missing"
        return f"{feature.name} is {category if category in feature.categories else 'a value not listed'}"
    low, high = axis.between(number)
    if np.isinf(low):
        return f"{feature.name} is up to {high:.3g}"
    return f"{feature.name} is over {low:.3g}" + ("" if np.isinf(high) else f" and up to {high:.3g}")
