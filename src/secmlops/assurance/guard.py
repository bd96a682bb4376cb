"""The control that makes the model's guard against strange requests, and measures it on rows that nobody has seen."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from secmlops.assurance import metrics
from secmlops.assurance.outliers import strange_rows
from secmlops.assurance.subject import MINIMUM_ROWS, ModelUnderTest
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.detect.conformal import least_size
from secmlops.detect.detector import Scores
from secmlops.detect.exact_neighbours import NEIGHBOUR
from secmlops.detect.guard import Guard as FittedGuard

_BEYOND_CHANCE = 0.9999
_COARSE = 5  # fewer calibration rows above the threshold than this: its rate hangs on each of them


@dataclass(frozen=True, slots=True)
class Guard:
    """Makes the product ``guard``: learned from training rows, calibrated to flag ``rate`` of the honest ones.

    ``calibration_share`` of the training rows, drawn by the model's seed, calibrate; the detector learns from the
    others. The holdout then shows ``flag_rate``, beside ``expected_low`` and ``expected_high``, between which it lies
    with probability ``confidence`` where holdout and training rows are alike; and, on strange copies of itself,
    ``detected.KIND`` (the share that is flagged) and ``auc.KIND``. It fails when far more rows are flagged than chance
    explains (one time in 10,000): the guard would turn honest customers away. Where the rows are too few for ``rate``
    the lowest one that they allow takes its place, and a warning tells so; skipped, and so shut, when even ``coarsest``
    is beyond them.
    """

    id: ClassVar[str] = "assurance.guard"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.ASSURANCE
    threats: ClassVar[tuple[str, ...]] = ("atlas-mitigation:AML.M0015",)
    reduces: ClassVar[tuple[str, ...]] = (
        "owasp-ml:ML01",
        "atlas:AML.T0015",
        "atlas:AML.T0043.003",
        "nist-ai-100-2:NISTAML.022",
    )

    rate: float = 0.01
    coarsest: float = 0.05
    calibration_share: float = 0.3
    confidence: float = 0.95
    notable_detection: float = 0.5

    def __post_init__(self) -> None:
        if not 0 < self.rate <= 0.5:
            raise InputError(f"{self.rate} is no rate of false flags", where=self.id, hint="0.01 is usual")
        if not 0 < self.coarsest <= 0.5:
            raise InputError(f"{self.coarsest} is no rate of false flags", where=self.id, hint="0.05 is usual")
        if not 0 < self.calibration_share < 1:
            raise InputError(f"a share of {self.calibration_share} is not between 0 and 1", where=self.id)
        if not 0 < self.confidence < 1:
            raise InputError(f"a confidence of {self.confidence} is not between 0 and 1", where=self.id)
        if not 0 <= self.notable_detection <= 1:
            raise InputError("notable_detection must lie between 0 and 1", where=self.id)

    def examine(self, model: ModelUnderTest, /) -> Examination:
        """Make the guard of ``model`` and measure it on the holdout; skipped when there are too few rows."""
        if obstacle := self._obstacle(model):
            return Examination(Outcome.SKIPPED, (obstacle,))
        generator = np.random.default_rng(model.seed)
        rate = self._rate_for(model)
        guard = self._fitted(model, rate, generator)
        scores = guard.scores(model.holdout.inputs)
        measures = self._on_honest_rows(guard, scores) | _on_strange_rows(guard, model, scores, generator)
        findings = (
            *self._weigh_rate(guard),
            *self._weigh_flags(guard, measures),
            *self._weigh_detection(guard, measures),
        )
        products = {FittedGuard.KIND: guard.to_bytes()}
        return Examination.judged(findings, measures, products, {"model": model.predictor.digest})

    def _obstacle(self, model: ModelUnderTest) -> Finding | None:
        calibrating, coarsest = self._calibrating(model), max(self.rate, self.coarsest)
        if calibrating < (least := least_size(coarsest)) or len(model.train) - calibrating < NEIGHBOUR:
            return Finding(
                "guard.too-few-rows",
                Severity.ERROR,
                f"no guard: {calibrating} of {len(model.train)} training rows can calibrate it, a false-flag rate of "
                f"{coarsest:g} takes {least}",
                hint=f"bring more rows, or set a rate of {_lowest(calibrating):g} or more",
            )
        if len(model.holdout) < MINIMUM_ROWS:
            what = f"no guard: the holdout has {len(model.holdout)} rows to measure it on, fewer than {MINIMUM_ROWS}"
            return Finding("guard.not-measured", Severity.ERROR, what, hint="give a larger holdout")
        return None

    def _calibrating(self, model: ModelUnderTest) -> int:
        return round(len(model.train) * self.calibration_share)

    def _rate_for(self, model: ModelUnderTest) -> float:
        return max(self.rate, _lowest(self._calibrating(model)))

    def _fitted(self, model: ModelUnderTest, rate: float, generator: np.random.Generator) -> FittedGuard:
        order = generator.permutation(len(model.train))
        calibrating, learning = np.split(order, [self._calibrating(model)])
        inputs = model.train.inputs
        return FittedGuard.fit(inputs.take(learning), inputs.take(calibrating), rate, generator)

    def _weigh_rate(self, guard: FittedGuard) -> Iterator[Finding]:
        if guard.alpha > self.rate:
            yield Finding(
                "guard.coarser",
                Severity.WARNING,
                f"{guard.calibration.size} calibration rows allow no lower false-flag rate than {guard.alpha:g}; "
                f"{self.rate:g} was set",
                hint=f"{least_size(self.rate)} calibration rows allow it",
            )

    def _on_honest_rows(self, guard: FittedGuard, scores: Scores) -> dict[str, float]:
        rows, flagged = len(scores), int(guard.threshold.flags(scores).sum())
        low, high = guard.threshold.expected_flags(rows, self.confidence)
        return {
            "rows": float(rows),
            "calibration_rows": float(guard.calibration.size),
            "expected_rate": guard.threshold.rate,
            "flag_rate": flagged / rows,
            "expected_low": low / rows,
            "expected_high": high / rows,
            "within_expected": float(low <= flagged <= high),
        }

    def _weigh_flags(self, guard: FittedGuard, measures: Mapping[str, float]) -> Iterator[Finding]:
        rate, rows = measures["flag_rate"], int(measures["rows"])
        if guard.threshold.rank < _COARSE:
            yield Finding(
                "guard.coarse",
                Severity.NOTE,
                f"{guard.threshold.rank} of {guard.threshold.size} calibration rows lie above the threshold: the true "
                "rate may be far from the one that was set",
                hint=f"{math.ceil(_COARSE / self.rate)} calibration rows are better, or a higher rate",
            )
        if measures["within_expected"]:
            return
        what = (
            f"{rate:.2%} of the holdout is flagged: {measures['expected_low']:.2%} to {measures['expected_high']:.2%} "
            f"is expected (confidence {self.confidence:g})"
        )
        if rate < measures["expected_low"]:
            hint = "rows that are alike score alike, and are flagged together or not at all"
            yield Finding("guard.flags-few", Severity.NOTE, what, hint=hint)
            return
        _, most = guard.threshold.expected_flags(rows, _BEYOND_CHANCE)
        severity = Severity.ERROR if round(rate * rows) > most else Severity.WARNING
        hint = "the holdout differs from the training rows: look at how they were split, and at copies among them"
        yield Finding("guard.flags-many", severity, what, hint=hint)

    def _weigh_detection(self, guard: FittedGuard, measures: Mapping[str, float]) -> Iterator[Finding]:
        detected = measures.get("detected.far_values", 1.0)
        if detected < self.notable_detection:
            yield Finding(
                "guard.blind",
                Severity.WARNING,
                f"{detected:.0%} of rows are flagged whose numbers all lie outside their range",
                hint=f"more training rows, or a higher rate than {guard.alpha:g}, make the guard see more",
            )


def _lowest(calibrating: int) -> float:
    """Lowest false-flag rate that so many calibration rows allow, rounded up to four digits."""
    return math.ceil(10_000 / (calibrating + 1)) / 10_000


def _on_strange_rows(
    guard: FittedGuard, model: ModelUnderTest, honest: Scores, generator: np.random.Generator
) -> dict[str, float]:
    measures = {}
    for kind, rows in strange_rows(model.holdout.inputs, generator).items():
        strange = guard.scores(rows)
        measures[f"detected.{kind}"] = float(guard.threshold.flags(strange).mean())
        measures[f"auc.{kind}"] = _area(honest, strange)
    return measures


def _area(honest: Scores, strange: Scores) -> float:
    """Area under the ROC curve of telling strange rows from honest ones."""
    events = np.repeat([False, True], [len(honest), len(strange)])
    ranking = metrics.Ranking.of(events, np.concatenate([honest, strange]))
    return float(metrics.auc(ranking.tally(metrics.once(len(events))))[0])
