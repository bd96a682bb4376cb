"""The control that measures whether predicted probabilities come true, and predicted quantities on average."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from secmlops.assurance import metrics, recalibration, reliability
from secmlops.assurance.recalibration import Line
from secmlops.assurance.reliability import Reliability
from secmlops.assurance.subject import ModelUnderTest, Outputs, Target, skipped
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.core.task import Task
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.uncalibrated import uncalibrated
from secmlops.trust.canonical import canonical_json


@dataclass(frozen=True, slots=True)
class Calibration:
    """Calibration on the holdout, and the product ``reliability``: the bins of the diagram with their intervals.

    Two classes: ``ece``, ``ece_debiased``, ``mce``, the Brier score's parts, ``slope`` and ``intercept`` of Cox's
    recalibration, ``in_the_large`` (log odds). More classes: the errors of the likeliest class's probability.
    Regression: ``in_the_large`` (mean residual in standard deviations of the target), ``slope`` and ``intercept``.
    Of a model with a map behind it (``training.recalibrate``) also ``ece_before``, ``ece_debiased_before`` and
    ``brier_before``, on the same rows without the map. It warns above ``notable_error`` and fails
    above ``maximum_error``, both on ``ece_debiased`` or on the absolute
    ``in_the_large`` of a regression.
    """

    id: ClassVar[str] = "assurance.calibration"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.ASSURANCE
    threats: ClassVar[tuple[str, ...]] = ()

    bins: int = 15
    confidence: float = 0.95
    notable_error: float = 0.05
    maximum_error: float = 0.25

    def __post_init__(self) -> None:
        if self.bins < 2:
            raise InputError(f"{self.bins} bins show nothing", where=self.id, hint="give 2 or more; 15 is usual")
        if not 0 < self.confidence < 1:
            raise InputError(f"a confidence of {self.confidence} is not between 0 and 1", where=self.id)
        if not 0 <= self.notable_error <= self.maximum_error:
            raise InputError("notable_error must lie between 0 and maximum_error", where=self.id)

    def examine(self, model: ModelUnderTest, /) -> Examination:
        """Measure ``model`` on its holdout; skipped where the holdout cannot show calibration."""
        obstacle = model.obstacle()
        if obstacle:
            return skipped("calibration.not-measured", obstacle)
        examined = {Task.BINARY: self._binary, Task.MULTICLASS: self._multiclass, Task.REGRESSION: self._regression}
        measures, bins = examined[model.task](model.holdout.target, model.holdout_outputs)
        before = self._before(model)
        error = measures["ece_debiased"] if model.task.is_classification else abs(measures["in_the_large"])
        findings = (*self._weigh(model.task, error), *self._weigh_slope(measures), *_gained(measures | before))
        products = {"reliability": canonical_json({"task": str(model.task), "bins": bins})}
        return Examination.judged(findings, measures | before, products, {"model": model.predictor.digest})

    def _before(self, model: ModelUnderTest) -> dict[str, float]:
        """Errors on the holdout of the same model without the map behind it; nothing where there is none."""
        plain = uncalibrated(model.onnx) if model.onnx and model.task.is_classification else None
        if plain is None:
            return {}
        outputs = Predictor(plain, model.signature).predict(model.holdout.inputs)
        examined = self._binary if model.task is Task.BINARY else self._multiclass
        measures, _ = examined(model.holdout.target, outputs)
        return {f"{name}_before": measures[name] for name in ("ece", "ece_debiased", "brier") if name in measures}

    def _binary(self, target: Target, outputs: Outputs) -> tuple[dict[str, float], Json]:
        event, probability = target == 1, outputs[:, 1]
        bins = Reliability.of(probability, event.astype(np.float64), self.bins)
        parts = reliability.brier_parts(bins)
        measures = self._errors(bins) | {
            "brier": float(metrics.brier(event, probability, metrics.once(len(event)))[0]),
            "brier_reliability": parts.reliability,
            "brier_resolution": parts.resolution,
            "brier_uncertainty": parts.uncertainty,
            "in_the_large": recalibration.in_the_large(event, probability),
        }
        return measures | self._line(recalibration.logistic_line(event, probability)), self._proportions(bins)

    def _multiclass(self, target: Target, outputs: Outputs) -> tuple[dict[str, float], Json]:
        right = outputs.argmax(axis=1) == target
        bins = Reliability.of(outputs.max(axis=1), right.astype(np.float64), self.bins)
        return self._errors(bins), self._proportions(bins)

    def _regression(self, truth: Target, outputs: Outputs) -> tuple[dict[str, float], Json]:
        target, predicted = truth.astype(np.float64), outputs[:, 0]
        bins = Reliability.of(predicted, target, self.bins)
        measures = {"in_the_large": float((target - predicted).mean() / target.std()), "rows": float(len(target))}
        shown = reliability.diagram(bins, *reliability.mean_interval(bins, self.confidence))
        return measures | self._line(recalibration.straight_line(target, predicted)), shown

    def _errors(self, bins: Reliability) -> dict[str, float]:
        return {
            "ece": reliability.expected_error(bins),
            "ece_debiased": reliability.expected_error_debiased(bins),
            "mce": reliability.maximum_error(bins),
            "rows": float(bins.rows.sum()),
        }

    def _line(self, line: Line | None) -> dict[str, float]:
        if line is None:
            return {}
        interval = line.slope_interval(self.confidence)
        return {
            "slope": line.slope,
            "slope_low": interval.low,
            "slope_high": interval.high,
            "intercept": line.intercept,
        }

    def _proportions(self, bins: Reliability) -> Json:
        return reliability.diagram(bins, *reliability.wilson_interval(bins.observed, bins.rows, self.confidence))

    def _weigh(self, task: Task, error: float) -> Iterator[Finding]:
        if error <= self.notable_error:
            return
        what = (
            f"predicted and observed shares differ by {error:.3f} on average"
            if task.is_classification
            else f"predictions are off by {error:.3f} standard deviations on average"
        )
        severity = Severity.ERROR if error > self.maximum_error else Severity.WARNING
        hint = "set training.recalibrate: beta (or platt, or with thousands of rows isotonic)"
        yield Finding("calibration.off", severity, what, hint=hint)

    def _weigh_slope(self, measures: Mapping[str, float]) -> Iterator[Finding]:
        if "slope" not in measures:
            return
        if measures["slope_high"] < 1:
            yield Finding(
                "calibration.too-extreme",
                Severity.NOTE,
                f"predictions are too extreme: slope {measures['slope']:.2f}, 1 is right",
                hint="this is a sign of overfitting",
            )
        elif measures["slope_low"] > 1:
            yield Finding(
                "calibration.too-cautious",
                Severity.NOTE,
                f"predictions are too cautious: slope {measures['slope']:.2f}, 1 is right",
                hint="this is a sign of strong regularisation or of noise added for privacy",
            )


def _gained(measures: Mapping[str, float]) -> Iterator[Finding]:
    before = measures.get("ece_debiased_before")
    if before is not None and measures["ece_debiased"] > before + 0.01:
        yield Finding(
            "calibration.not-gained",
            Severity.WARNING,
            f"recalibration made predicted and observed shares differ more: {measures['ece_debiased']:.3f}, "
            f"without it {before:.3f}",
            hint="leave training.recalibrate out, or take platt, which needs the fewest rows",
        )
