"""The control that weighs a compressed model against what it was, and against the other ways to compress it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from secmlops.assurance.bootstrap import Bootstrap
from secmlops.assurance.candidates import Candidate, Look, Timer, as_candidate, candidate, facts
from secmlops.assurance.scores import HEADLINE
from secmlops.assurance.subject import ModelUnderTest, Outputs, skipped
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.trust.canonical import canonical_json

CHOSEN, BEFORE = "chosen", "uncompressed"
_EXPORT_TOLERANCE = 1e-4
_WORSE = {
    "ece": (1, "calibration", "recalibrate, or compress less"),
    "fairness_gap": (1, "the widest difference among groups", "compress less, or another way"),
    "robust_accuracy": (-1, "the share of answers that stay right under attack", "compress less, or another way"),
    "membership_auc": (1, "how well members are told", "compress less, or another way"),
}


@dataclass(frozen=True, eq=False)
class Compressed:
    """A compressed ``model`` under test; the ONNX bytes ``before``, and those that other ``ways`` gave, by name.

    ``estimator_outputs`` are the estimator's own answers [n, k] to the holdout. ``before`` is None where nothing was
    compressed. ``timer`` measures how long an answer takes.
    """

    model: ModelUnderTest
    timer: Timer
    before: bytes | None = None
    estimator_outputs: Outputs | None = None
    ways: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compression:
    """What compression costs and gains, of the chosen model by measure, of every way in the product ``candidates``.

    Measures, each also as ``uncompressed_NAME``: the score (``auc`` or ``r2``), ``ece``, ``fairness_gap`` (the widest
    of demographic parity and equalised odds), ``robust_accuracy_at_B`` against HopSkipJump on ``rows`` rows with
    ``queries`` each, ``membership_auc`` of the threshold attack, ``model_bytes``, ``row_microseconds`` and
    ``batch_microseconds`` (of 1,000 rows; times are of this machine and decide nothing). Against the model as it was:
    ``agreement``, ``auc_loss`` and ``accuracy_loss`` (``r2_loss``) with a paired bootstrap interval, ``size_ratio``;
    ``export_difference`` compares that model with its estimator, and fails above 1e-4. It warns of a loss of
    ``notable_loss`` whose interval is above 0, of an agreement below ``notable_agreement``, where another cost is
    ``notable_change`` or more, and of a model that did not become smaller.
    """

    id: ClassVar[str] = "assurance.compression"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.ASSURANCE
    threats: ClassVar[tuple[str, ...]] = ()

    rows: int = 50
    queries: int = 100
    budget: float = 0.25
    resamples: int = 200
    confidence: float = 0.95
    notable_loss: float = 0.01
    notable_agreement: float = 0.95
    notable_change: float = 0.05

    def __post_init__(self) -> None:
        self._look(0)
        if not (10 <= self.rows <= 100_000 and 1 <= self.queries <= 1_000_000 and 0 < self.budget < np.inf):
            raise InputError("rows, queries or budget is out of range", where=self.id)
        if not (0 <= self.notable_agreement <= 1 and self.notable_loss >= 0 and self.notable_change >= 0):
            raise InputError("notable_agreement, notable_loss or notable_change is out of range", where=self.id)

    @property
    def budgets(self) -> tuple[float, ...]:
        """Points at which robustness is told."""
        return (self.budget,)

    def examine(self, compressed: Compressed, /) -> Examination:
        """Weigh all candidates; a note where nothing was compressed, skipped where the holdout says nothing."""
        model = compressed.model
        materials = {"model": model.predictor.digest}
        if compressed.before is None:
            note = Finding("compression.none", Severity.NOTE, "the project file does not ask for a compressed model")
            return Examination.judged((note,), {"ways": 0.0}, materials=materials)
        if obstacle := model.obstacle():
            return skipped("compression.not-measured", obstacle)
        before = as_candidate(model, compressed.before)
        look, timer = self._look(model.seed), compressed.timer
        was = facts(before, look, timer)
        models = {CHOSEN: model.onnx or b"", **compressed.ways}
        found = [candidate(name, as_candidate(model, onnx), before, look, timer) for name, onnx in models.items()]
        measures = {**_measures(found[0], was), "ways": float(len(found))}
        exported = _export_difference(before, compressed.estimator_outputs)
        measures |= {} if exported is None else {"export_difference": exported}
        findings = (*self._weigh(found[0], was), *_export(exported))
        products = {"candidates": canonical_json(_told(HEADLINE[model.task], was, found))}
        return Examination.judged(findings, measures, products, materials | {BEFORE: before.predictor.digest})

    def _look(self, seed: int) -> Look:
        return Look(self.rows, self.queries, self.budget, Bootstrap(self.resamples, self.confidence, seed))

    def _weigh(self, chosen: Candidate, was: Mapping[str, float]) -> Iterator[Finding]:
        for name, (loss, interval) in chosen.losses.items():
            if loss >= self.notable_loss and interval.low > 0:
                what = f"compression costs {loss:.3f} of {name.removesuffix('_loss')}"
                told = f"{what} ({interval.low:.3f} to {interval.high:.3f})"
                yield Finding("compression.worse", Severity.WARNING, told, hint="compress less, or another way")
        if chosen.agreement < self.notable_agreement:
            told = f"the compressed model agrees with what it was by {chosen.agreement:.1%}"
            yield Finding("compression.other-answers", Severity.WARNING, told, hint="compress less, or another way")
        for name, value in chosen.facts.items():
            sign, words, hint = _WORSE.get(name.partition("_at_")[0], (0, "", ""))
            if sign * (value - was.get(name, value)) >= self.notable_change > 0:
                told = f"{words} was {was[name]:.3f}, and is {value:.3f}"
                yield Finding("compression.side-effect", Severity.WARNING, told, where=name, hint=hint)
        if chosen.facts["model_bytes"] >= was["model_bytes"]:
            told = f"the model had {was['model_bytes']:,.0f} bytes, and now has {chosen.facts['model_bytes']:,.0f}"
            hint = "so small a model is better left as it is"
            yield Finding("compression.not-smaller", Severity.WARNING, told, hint=hint)


def _measures(chosen: Candidate, was: Mapping[str, float]) -> dict[str, float]:
    measures = {**chosen.facts, **{f"{BEFORE}_{name}": value for name, value in was.items()}}
    measures |= {"agreement": chosen.agreement, "size_ratio": chosen.facts["model_bytes"] / was["model_bytes"]}
    for name, (loss, interval) in chosen.losses.items():
        measures |= {name: loss, f"{name}_low": interval.low, f"{name}_high": interval.high}
    return measures


def _export_difference(before: ModelUnderTest, outputs: Outputs | None) -> float | None:
    """Largest difference of the uncompressed model from its estimator; of quantities in standard deviations."""
    if outputs is None or outputs.shape != before.holdout_outputs.shape:
        return None
    spread = 1.0 if before.task.is_classification else float(outputs.std()) or 1.0
    return float(np.abs(before.holdout_outputs - outputs).max()) / spread


def _export(difference: float | None) -> Iterator[Finding]:
    hint = "export it in float32 from end to end"
    if difference is None:
        told = "the uncompressed model cannot be compared with its estimator"
        yield Finding("compression.export-unknown", Severity.ERROR, told, hint=hint)
    elif difference > _EXPORT_TOLERANCE:
        told = f"the uncompressed model's answers differ from its estimator's by up to {difference:.3g}"
        yield Finding("compression.export-differs", Severity.ERROR, told, hint=hint)


def _told(score: str, was: Mapping[str, float], found: list[Candidate]) -> Json:
    rows: list[Json] = [{"name": BEFORE, "facts": dict(was), "agreement": 1.0, "loss": [0.0, 0.0, 0.0]}]
    for one in found:
        loss, interval = one.losses[f"{score}_loss"]
        spread: list[Json] = [loss, interval.low, interval.high]
        rows.append({"name": one.name, "facts": dict(one.facts), "agreement": one.agreement, "loss": spread})
    return {"score": score, "candidates": rows}
