"""The control that makes reasons for single answers possible, and holds them to what the model answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from secmlops.assurance.effects import MOST_RANKED, mixer_of, shuffled_losses, told_effects
from secmlops.assurance.scores import HEADLINE
from secmlops.assurance.subject import ModelUnderTest, skipped
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.explain.background import background_of
from secmlops.explain.explainer import Explainer
from secmlops.explain.explanation import Explanation, Floats, Indices, Method, additivity_error
from secmlops.explain.faithfulness import faithfulness, steepness
from secmlops.explain.making import Making, make_explainer, make_sampler, spread_of
from secmlops.explain.reasons import check_phrases
from secmlops.explain.sampling import Walks
from secmlops.runtime.signature import Inputs
from secmlops.trust.canonical import canonical_json

_COMPARED = 5
_HELD_TO, _USUAL = 8, 20
"""Rows whose reasons are held to the model, and usual rows whose values take the place of theirs."""
_FAR = 6.0
"""Standard errors between two methods that chance does not explain."""


@dataclass(frozen=True, slots=True)
class Explain:
    """Makes the explainer of the model, the product ``explainer``, and tries it on ``rows`` rows of the holdout.

    ``background`` training rows stand for what is usual. It fails when base and contributions do not add up to the
    model's answer within ``tolerance``: of a probability, or of the predictions' standard deviation. Some rows are
    explained a second time by sampling; it warns when the two disagree. ``phrases`` put features into words:
    ``{value}`` stands for the row's value. Where a model can only be sampled, it is asked about each background row as
    much as ``walks`` walks through all features and back would (1 to 16). The product ``importance`` ranks features by
    their mean contribution, and says what is lost when they are shuffled; ``effects`` are the curves of the first.

    Reasons are held to the model: ``agreement``, ``deletion`` and ``insertion`` say whether answers change as reasons
    tell (0 for reasons that say nothing), ``steepness`` how far reasons move when a row hardly does, at its worst row.
    """

    id: ClassVar[str] = "assurance.explain"
    version: ClassVar[str] = "2"
    stage: ClassVar[Stage] = Stage.ASSURANCE
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("atlas:AML.T0048.003",)

    background: int = 100
    rows: int = 50
    tolerance: float = 1e-4
    phrases: Mapping[str, str] = field(default_factory=dict)
    walks: int = 1

    def __post_init__(self) -> None:
        if self.rows < 1:
            raise InputError("at least one row is to be explained", where="rows")
        if not 0 < self.tolerance < 1:
            raise InputError("tolerance is a share between 0 and 1", where="tolerance")
        Making(self.background, walks=self.walks)
        check_phrases(self.phrases)

    def examine(self, model: ModelUnderTest, /) -> Examination:
        """Explain rows of the holdout of ``model``; skipped where there is nothing to compare them with."""
        if not len(model.train) or not len(model.holdout):
            return skipped("explain.not-measured", "there are no training rows, or no holdout")
        making = self._making(model)
        explainer = make_explainer(model.onnx, model.predictor, model.train.inputs, making)
        told = spread_over(model.holdout.inputs, self.rows)
        explanation = explainer.explain(told, model.predictor)
        product = explainer.to_bytes()
        error = float(additivity_error(explanation, spread_of(model.train_outputs)).max())
        measures = {
            "rows": float(len(told)),
            "exact": float(explainer.method is not Method.SAMPLED),
            "evaluations": float(_evaluations(explainer)),
            "additivity_error": error,
            "standard_error": _relative(explanation.standard_error, explanation),
            "bytes": float(len(product)),
            **self._against_sampling(model, explainer, making),
        }
        findings = (*self._unknown(model), *self._adds_up(error), *_doubts(measures, explainer))
        ranked = np.argsort(-np.abs(explanation.contributions).mean(axis=0), kind="stable")[:MOST_RANKED]
        interactions, effects = told_effects(model, mixer_of(model, explainer.scale), ranked.tolist())
        measures |= interactions | self._held_to_the_model(model, explainer)
        importance = _importance(model, explainer, (explanation, ranked))
        products = {
            "explainer": product,
            "importance": canonical_json(importance),
            "effects": canonical_json(effects),
        }
        return Examination.judged(findings, measures, products, {"model": model.predictor.digest})

    def _making(self, model: ModelUnderTest) -> Making:
        names = {f.name for f in model.signature.features}
        phrases = {name: phrase for name, phrase in self.phrases.items() if name in names}
        return Making(self.background, model.seed, phrases, self.walks)

    def _against_sampling(self, model: ModelUnderTest, explainer: Explainer, making: Making) -> dict[str, float]:
        """How far a few explanations are from sampled ones, in shares of all contributions and in standard errors."""
        other = Making(making.rows, model.seed + 1)
        sampler = make_sampler(model.predictor, model.train.inputs, other, explainer.scale)
        few = spread_over(model.holdout.inputs, _COMPARED)
        ours, sampled = explainer.explain(few, model.predictor), sampler.explain(few, model.predictor)
        apart = np.abs(ours.contributions - sampled.contributions)
        floor = 0.01 * np.abs(ours.contributions).sum(axis=1, keepdims=True) + self.tolerance
        errors = apart / (np.hypot(ours.standard_error, sampled.standard_error) + floor)
        return {"deviation": _relative(apart, ours), "deviation_errors": float(errors.max())}

    def _held_to_the_model(self, model: ModelUnderTest, explainer: Explainer) -> dict[str, float]:
        """Measures of whether reasons go with what the model does, and of how steeply they change."""
        few = spread_over(model.holdout.inputs, _HELD_TO)
        usual = model.train.inputs.take(background_of(model.train_outputs, _USUAL))
        told = faithfulness(
            explainer.explain(few, model.predictor), (few, usual), model.predictor, model.signature, model.seed
        )
        steep = steepness(explainer, few, model.predictor, _spreads(model.train.inputs), model.seed)
        return {
            "deletion": told.deletion,
            "insertion": told.insertion,
            "agreement": told.agreement,
            "steepness": float(steep.max()),
            "steepness_median": float(np.median(steep)),
        }

    def _unknown(self, model: ModelUnderTest) -> Iterator[Finding]:
        names = {f.name for f in model.signature.features}
        for name in sorted(set(self.phrases) - names):
            yield Finding(
                "explain.unknown-feature",
                Severity.WARNING,
                "a phrase is written for a feature that the model does not have",
                where=f"phrases, {name!r}",
                hint="correct the name, or leave the phrase out",
            )

    def _adds_up(self, error: float) -> Iterator[Finding]:
        if not error <= self.tolerance:
            yield Finding(
                "explain.not-additive",
                Severity.ERROR,
                f"base and contributions miss the model's answer by up to {error:.2g}, allowed {self.tolerance:g}",
                hint="such reasons are not those of the model: report the model's kind as a defect",
            )


def _doubts(measures: Mapping[str, float], explainer: Explainer) -> Iterator[Finding]:
    if measures["deviation_errors"] > _FAR:
        yield Finding(
            "explain.disagreement",
            Severity.WARNING,
            f"explanations differ from sampled ones by {measures['deviation_errors']:.1f} standard errors",
            hint="look at the largest contributions of a few rows before anyone is told reasons",
        )
    if explainer.method is Method.SAMPLED:
        yield Finding(
            "explain.sampled",
            Severity.NOTE,
            "the model can be explained by sampling only: contributions have a standard error, "
            f"{measures['standard_error']:.1%} of all contributions on average",
        )


def spread_over(inputs: Inputs, count: int) -> Inputs:
    """At most ``count`` rows, at equal distances."""
    return inputs.take(np.linspace(0, len(inputs) - 1, min(count, len(inputs))).astype(np.intp))


def _spreads(inputs: Inputs) -> Floats:
    """Standard deviation [p] of the known values of each number; 0 where there are none."""
    numbers = spread_over(inputs, 1_000).numeric.astype(np.float64)
    known = np.isfinite(numbers)
    rows = np.maximum(known.sum(axis=0), 1)
    kept = np.where(known, numbers, 0.0)
    off = np.where(known, kept - kept.sum(axis=0) / rows, 0.0)
    spreads: Floats = np.sqrt((off**2).sum(axis=0) / rows)
    return spreads


def _evaluations(explainer: Explainer) -> int:
    return explainer.engine.evaluations if isinstance(explainer.engine, Walks) else 0


def _relative(values: np.ndarray, explanation: Explanation) -> float:
    """Mean of values [n, p] as a share of the mean sum of all contributions of a row; 0 where there are none."""
    total = float(np.abs(explanation.contributions).sum(axis=1).mean())
    return float(values.mean()) / total if total else 0.0


def _importance(model: ModelUnderTest, explainer: Explainer, told: tuple[Explanation, Indices]) -> Json:
    """The ranked features of what was told: mean contribution, and what is lost when the feature is shuffled."""
    explanation, order = told
    means, losses = np.abs(explanation.contributions).mean(axis=0), shuffled_losses(model, order)
    ranked: list[Json] = [
        {
            "feature": model.signature.features[i].name,
            "mean_contribution": float(means[i]),
            "shuffled_loss": None if losses is None else float(losses[rank]),
        }
        for rank, i in enumerate(order.tolist())
    ]
    metric = HEADLINE[model.task]
    return {"method": str(explainer.method), "scale": str(explainer.scale), "metric": metric, "features": ranked}
