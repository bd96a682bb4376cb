"""Explanations are held to the model: known answers for a sum, nothing for an explanation that says nothing."""

from dataclasses import replace

import numpy as np
import pytest

from secmlops.core.task import Task
from secmlops.explain.columns import Encoder, Number
from secmlops.explain.explainer import About, Explainer
from secmlops.explain.explanation import Explanation, Method, Scale
from secmlops.explain.faithfulness import faithfulness, steepness
from secmlops.explain.linear import LinearTerms
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

WEIGHTS = np.array([3.0, -1.0, 0.5, 0.0])
SIGNATURE = Signature(
    task=Task.REGRESSION,
    features=tuple(Feature(name=f"x{i}", kind=FeatureKind.NUMERIC) for i in range(len(WEIGHTS))),
)


class Sum:
    def predict(self, inputs: Inputs) -> np.ndarray:
        return (inputs.numeric.astype(float) @ WEIGHTS)[:, None]


def inputs_of(numbers: np.ndarray) -> Inputs:
    return Inputs(numbers.astype(np.float32), np.empty((len(numbers), 0), object))


def explainer_of(weights: np.ndarray, means: np.ndarray) -> Explainer:
    columns = [Number(i) for i in range(len(weights))]
    about = About(model="0" * 64, method=Method.LINEAR, scale=Scale.PREDICTION, columns=columns)
    arrays = {"weights": weights[:, None], "means": means, "base": np.array([means @ weights])}
    assert len(LinearTerms(arrays, Encoder(columns), SIGNATURE).arrays) == 3
    return Explainer(about, arrays, SIGNATURE)


@pytest.fixture
def explained() -> tuple[Explanation, tuple[Inputs, Inputs]]:
    rng = np.random.default_rng(0)
    rows, usual = inputs_of(rng.normal(size=(12, 4))), inputs_of(rng.normal(size=(8, 4)))
    explainer = explainer_of(WEIGHTS, usual.numeric.astype(float).mean(axis=0))
    return explainer.explain(rows, Sum()), (rows, usual)


def test_the_values_of_a_sum_agree_wholly_and_their_areas_are_known(explained) -> None:
    explanation, rows = explained
    found = faithfulness(explanation, rows, Sum(), SIGNATURE, 0)
    areas = []
    for values in explanation.contributions:
        falling = np.sort(values * (1 if values.sum() >= 0 else -1))[::-1]
        lost = np.concatenate([[0], np.cumsum(falling)])
        areas.append((lost - np.linspace(0, lost[-1], 5)).mean() / np.abs(values).sum())
    assert found.deletion == pytest.approx(np.mean(areas), abs=1e-6)
    assert found.insertion == pytest.approx(np.mean(areas), abs=1e-6)
    assert found.agreement == pytest.approx(1, abs=1e-6)


def test_a_constant_explanation_is_not_faithful_at_all(explained) -> None:
    explanation, rows = explained
    constant = replace(explanation, contributions=np.full_like(explanation.contributions, 0.7))
    told = faithfulness(constant, rows, Sum(), SIGNATURE, 0)
    assert (told.deletion, told.insertion, told.agreement) == (0, 0, 0)


def test_the_opposite_of_the_truth_is_worse_than_chance(explained) -> None:
    explanation, rows = explained
    told = faithfulness(replace(explanation, contributions=-explanation.contributions), rows, Sum(), SIGNATURE, 0)
    assert told.agreement == pytest.approx(-1, abs=1e-6)


def test_explanations_of_a_sum_are_as_steep_as_its_weights() -> None:
    rng = np.random.default_rng(2)
    rows = inputs_of(rng.normal(size=(40, 4)))
    explainer, spread = explainer_of(WEIGHTS, np.zeros(4)), np.array([1.0, 1.0, 1.0, 1.0])
    size = np.linalg.norm(explainer.explain(rows, Sum()).contributions, axis=1).mean()
    found = steepness(explainer, rows, Sum(), spread, 0)
    assert found.max() <= 3 / size + 1e-3
    assert found.max() > 2.5 / size
    assert not steepness(explainer_of(np.zeros(4), np.zeros(4)), rows, Sum(), spread, 0).any()
