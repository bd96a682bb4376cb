"""The control that measures how good a model is on rows it never saw, and whether it beats a trivial guess."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from secmlops.assurance import metrics
from secmlops.assurance.bootstrap import Bootstrap, Interval
from secmlops.assurance.scores import GUESS, HEADLINE, baseline_outputs, called, plain, scores, strata
from secmlops.assurance.subject import ModelUnderTest, skipped
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.core.task import Task


@dataclass(frozen=True, slots=True)
class Performance:
    """Metrics on the holdout, each with a stratified bootstrap interval (``auc``, ``auc_low``, ``auc_high``).

    ``baseline_*`` are those of a guess that knows only the training data's class shares or mean. It fails when the
    headline metric (AUC, or R squared) is not above the guess by more than its interval. ``minimum_events`` rows of the
    rarer class are asked for, 100 by default (Collins et al. 2016); fewer are warned of. ``youden_*`` hold for the
    threshold with the best balanced accuracy on the training data, ``prior_*`` for the share of events in them: where
    events are rare, precision and recall there tell more than at 0.5, at which a model may call none. For two classes
    ``auc_delong_*`` is the interval of DeLong et al. (1988), which no draw moves.
    """

    id: ClassVar[str] = "assurance.performance"
    version: ClassVar[str] = "2"
    stage: ClassVar[Stage] = Stage.ASSURANCE
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("atlas:AML.T0020", "owasp-ml:ML02")

    confidence: float = 0.95
    resamples: int = 1000
    minimum_events: int = 100

    def __post_init__(self) -> None:
        if self.minimum_events < 0:
            raise InputError("minimum_events is negative", where=self.id)
        Bootstrap(self.resamples, self.confidence, seed=0)

    def examine(self, model: ModelUnderTest, /) -> Examination:
        """Measure ``model`` on its holdout; skipped where the holdout cannot tell good from bad."""
        obstacle = model.obstacle()
        if obstacle:
            return skipped("performance.not-measured", obstacle)
        target = model.holdout.target
        statistics = scores(model.task, target, model.holdout_outputs)
        bootstrap = Bootstrap(self.resamples, self.confidence, model.seed)
        drawn = bootstrap.distributions(statistics, strata(model.task, target))
        intervals = {name: bootstrap.interval(values) for name, values in drawn.items()}
        baseline = _baseline(model)
        measures = (
            plain(statistics, len(target))
            | _bounds(intervals)
            | baseline
            | _counts(model)
            | _at_thresholds(model, self.confidence)
        )
        findings = (
            *self._beats_the_guess(model.task, intervals),
            *self._beats_the_majority(intervals, baseline),
            *self._enough(model, measures),
        )
        return Examination.judged(findings, measures, materials={"model": model.predictor.digest})

    def _beats_the_guess(self, task: Task, intervals: Mapping[str, Interval]) -> Iterator[Finding]:
        name, guess = HEADLINE[task], GUESS[task]
        interval = intervals[name]
        if interval.low <= guess:
            yield Finding(
                "performance.no-better-than-guessing",
                Severity.ERROR,
                f"{name} lies between {interval.low:.3f} and {interval.high:.3f} (confidence {self.confidence:g}): "
                f"a guess has {guess:g}",
                hint="look at the features, the labels and the size of the holdout",
            )

    def _beats_the_majority(
        self, intervals: Mapping[str, Interval], baseline: Mapping[str, float]
    ) -> Iterator[Finding]:
        if "accuracy" in intervals and intervals["accuracy"].high < baseline["baseline_accuracy"]:
            yield Finding(
                "performance.majority-is-better",
                Severity.WARNING,
                f"accuracy is below the {baseline['baseline_accuracy']:.3f} of always naming the commonest class",
                hint="choose another threshold, or judge by the costs of both errors",
            )
        if "log_loss" in intervals and intervals["log_loss"].low > baseline["baseline_log_loss"]:
            yield Finding(
                "performance.probabilities-mislead",
                Severity.WARNING,
                "the probabilities are worse than the class shares of the training data (log loss)",
                hint="calibrate the model",
            )

    def _enough(self, model: ModelUnderTest, measures: Mapping[str, float]) -> Iterator[Finding]:
        if not model.task.is_classification:
            return
        counts = np.bincount(model.holdout.target, minlength=len(model.signature.classes))
        absent = int((counts == 0).sum())
        if absent:
            yield Finding(
                "performance.class-absent",
                Severity.WARNING,
                f"{absent} of {len(counts)} classes do not occur in the holdout: nothing is known about them",
                hint="split by class",
            )
        rarest = int(counts[counts > 0].min())
        if rarest < self.minimum_events:
            yield Finding(
                "performance.few-events",
                Severity.WARNING,
                f"the rarest class has {rarest} rows in the holdout, fewer than {self.minimum_events}",
                hint="the intervals are wide: wait for more data before trusting small differences",
            )
        if model.task is Task.BINARY and not called(model.holdout_outputs).any():
            yield Finding(
                "performance.no-event-called",
                Severity.WARNING,
                "no row of the holdout is called an event at the threshold 0.5",
                hint=f"the training data suggest the threshold {measures['youden_threshold']:.3g}",
            )


def _baseline(model: ModelUnderTest) -> dict[str, float]:
    rows, width = model.holdout_outputs.shape
    guess = baseline_outputs(model.task, model.train.target, rows, width)
    measured = plain(scores(model.task, model.holdout.target, guess), rows)
    return {f"baseline_{name}": value for name, value in measured.items()}


def _bounds(intervals: Mapping[str, Interval]) -> dict[str, float]:
    low = {f"{name}_low": interval.low for name, interval in intervals.items()}
    return low | {f"{name}_high": interval.high for name, interval in intervals.items()}


def _counts(model: ModelUnderTest) -> dict[str, float]:
    target = model.holdout.target
    counts = {"rows": float(len(target))}
    if model.task is Task.BINARY:
        counts |= {"events": float(target.sum()), "event_share": float(target.mean())}
    return counts


def _at_thresholds(model: ModelUnderTest, confidence: float) -> dict[str, float]:
    if model.task is not Task.BINARY:
        return {}
    threshold = metrics.youden_threshold(model.train.target == 1, model.train_outputs[:, 1])
    target, probability = model.holdout.target.astype(np.int64), model.holdout_outputs[:, 1]
    prior = float(model.train.target.mean())
    best, usual = (
        metrics.Confusion.of(target, called(model.holdout_outputs, bound), metrics.once(len(target)))
        for bound in (threshold, prior)
    )
    measures = {
        "youden_threshold": threshold,
        "youden_balanced_accuracy": float(metrics.balanced_accuracy(best)[0]),
        "prior_threshold": prior,
        "prior_precision": float(metrics.precision(usual)[0, 1]),
        "prior_recall": float(metrics.recall(usual)[0, 1]),
    }
    if np.bincount(target, minlength=2).min() >= 2:
        error = metrics.auc_standard_error(target == 1, probability)
        area = float(metrics.auc(metrics.Ranking.of(target == 1, probability).tally(metrics.once(len(target))))[0])
        low, high = metrics.auc_interval(area, error, confidence)
        measures |= {"auc_standard_error": error, "auc_delong_low": low, "auc_delong_high": high}
    return measures
