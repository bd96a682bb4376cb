"""Makes the explainer of a model: exact where the model can be read with certainty, sampled otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from secmlops.core.errors import InputError, VerificationError
from secmlops.explain.background import background_of
from secmlops.explain.columns import Encoder
from secmlops.explain.explainer import About, Explainer
from secmlops.explain.explanation import Floats, Method, Scale, additivity_error
from secmlops.explain.reading import Head, UnreadableError, read_head
from secmlops.explain.sampling import MAX_WALKS, Walks
from secmlops.explain.scores import scaled
from secmlops.explain.tabulate import MAX_BACKGROUND, background_rows, tabulate
from secmlops.explain.trees import read_trees
from secmlops.explain.usual import usual_numbers
from secmlops.explain.weights import read_weights
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Inputs

MAX_TRAIN = 10_000
"""Rows that are looked at to choose the background, at most."""
READING_TOLERANCE = 1e-5
"""Of a probability, or of the spread of a quantity: a reading that is further from the model's answers is dropped."""


@dataclass(frozen=True, slots=True)
class Making:
    """``rows`` of the background at most (1 to 255), the ``seed`` of what is random, and ``phrases`` by feature.

    Where a model is sampled, it is asked about each background row as much as ``walks`` walks (1 to 16) through all
    features and back would: twice as many make the error half as large, from two on.
    """

    rows: int = 100
    seed: int = 0
    phrases: Mapping[str, str] = field(default_factory=dict)
    walks: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.walks <= MAX_WALKS:
            raise InputError(f"{self.walks} walks for each background row", hint=f"take 1 to {MAX_WALKS}")
        if not 1 <= self.rows <= MAX_BACKGROUND:
            raise InputError(f"a background of {self.rows} rows", hint=f"take 1 to {MAX_BACKGROUND}")


def make_explainer(model: bytes | None, predictor: Predictor, train: Inputs, making: Making) -> Explainer:
    """Explainer of the model that ``predictor`` runs and whose ONNX bytes are ``model``.

    Without the bytes it samples. ``train`` are rows that the model learnt from: a few become the background. Raises
    InputError when there are none, or for phrases that do not fit.
    """
    material = _Material.of(predictor, train, making)
    if model is None:
        return _sampled(material, None)
    try:
        return _exact(read_head(model, predictor.signature), material)
    except (UnreadableError, VerificationError):
        return _sampled(material, None)


def make_sampler(predictor: Predictor, train: Inputs, making: Making, scale: Scale | None = None) -> Explainer:
    """Explainer of any model that samples; on the ``scale`` of the model's own answers if no other is asked for."""
    return _sampled(_Material.of(predictor, train, making), scale)


def spread_of(answers: Floats) -> float:
    """Standard deviation of the predictions of a quantity; 1 where they are all the same."""
    spread = float(answers.std())
    return spread if spread > 1e-9 * max(1.0, float(np.abs(answers).max())) else 1.0


@dataclass(frozen=True, slots=True)
class _Material:
    """A model, rows it learnt from, those of them that are the background, and how much the model's answers vary."""

    predictor: Predictor
    train: Inputs
    background: Inputs
    spread: float
    making: Making

    @classmethod
    def of(cls, predictor: Predictor, train: Inputs, making: Making) -> "_Material":
        if len(train) > MAX_TRAIN:
            train = train.take(np.linspace(0, len(train) - 1, MAX_TRAIN).astype(np.intp))
        answers = predictor.predict(train)
        background = train.take(background_of(answers, making.rows))
        return cls(predictor, train, background, spread_of(answers), making)

    def about(self, method: Method, scale: Scale, **more: Any) -> About:
        return About(
            model=self.predictor.digest.hex,
            method=method,
            scale=scale,
            usual=list(usual_numbers(self.train)),
            phrases=dict(self.making.phrases),
            **more,
        )


def _sampled(material: _Material, scale: Scale | None) -> Explainer:
    signature = material.predictor.signature
    natural = Scale.PROBABILITY if signature.task.is_classification else Scale.PREDICTION
    walks = Walks.through(material.background, signature, material.making.seed, material.making.walks)
    about = material.about(Method.SAMPLED, scale or natural, texts=list(walks.texts))
    return Explainer(about, walks.arrays, signature)


def _exact(head: Head, material: _Material) -> Explainer:
    """Explainer that needs no sampling.

    Raises UnreadableError when the reading does not answer as the model does, and VerificationError when it would be
    too large to be read back.
    """
    found = _trees(head, material) if head.operator.startswith("TreeEnsemble") else _linear(head, material)
    made = Explainer.from_bytes(found.to_bytes(), material.predictor.signature)
    explanation = made.explain(material.background, material.predictor)
    error = additivity_error(explanation, material.spread)
    if not error.max() <= READING_TOLERANCE:
        raise UnreadableError("the reading does not answer as the model does")
    return made


def _linear(head: Head, material: _Material) -> Explainer:
    signature = material.predictor.signature
    scores = scaled(*read_weights(head), head.attributes, signature)
    means = Encoder(head.columns).encode(material.background).mean(axis=0, dtype=np.float64)
    base = means @ scores.parts + scores.intercept
    about = material.about(Method.LINEAR, scores.scale, columns=list(head.columns))
    return Explainer(about, {"weights": scores.parts, "means": means, "base": base}, signature)


def _trees(head: Head, material: _Material) -> Explainer:
    signature = material.predictor.signature
    trees = read_trees(head, len(signature.classes) or 1)
    scores = scaled(trees.values, trees.intercept, head.attributes, signature)
    encoder = Encoder(head.columns)
    rows = material.background.take(slice(background_rows(trees, len(material.background))))
    arrays = tabulate(trees, encoder.encode(rows), encoder.owners(signature), scores.parts, scores.intercept)
    about = material.about(Method.TREES, scores.scale, columns=list(head.columns))
    return Explainer(about, arrays, signature)
