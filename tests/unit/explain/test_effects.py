"""Effects of features: of a sum they are its terms, of correlated features local ones, and only products interact."""

import numpy as np
import pytest

from secmlops.core.task import Task
from secmlops.explain.effects import MAX_CATEGORIES, POINTS, effect_of, interaction
from secmlops.explain.explanation import Scale
from secmlops.explain.mixing import Mixer
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

SIGNATURE = Signature(
    task=Task.REGRESSION,
    features=(
        Feature(name="a", kind=FeatureKind.NUMERIC),
        Feature(name="kind", kind=FeatureKind.CATEGORICAL, categories=("x", "y")),
        Feature(name="b", kind=FeatureKind.NUMERIC),
        Feature(name="c", kind=FeatureKind.NUMERIC),
    ),
)


class Model:
    """A function of the numbers a, b, c and of whether the kind is y."""

    def __init__(self, function) -> None:
        self.function = function

    def predict(self, inputs: Inputs) -> np.ndarray:
        a, b, c = inputs.numeric.astype(float).T
        return np.asarray(self.function(a, b, c, inputs.categorical[:, 0] == "y"), float)[:, None]


def mixer_of(function) -> Mixer:
    return Mixer(Model(function), SIGNATURE, Scale.PREDICTION, 0)


def rows_of(rows: int, correlation: float = 0.0) -> Inputs:
    rng = np.random.default_rng(1)
    a, b, c = rng.normal(size=(3, rows))
    b = correlation * a + (1 - correlation**2) ** 0.5 * b
    return Inputs(np.stack([a, b, c], axis=1).astype(np.float32), rng.choice(np.array(["x", "y"], object), (rows, 1)))


def test_of_a_sum_every_curve_is_the_term_of_the_feature() -> None:
    mixer, rows = mixer_of(lambda a, b, c, y: a**2 + 3 * b + 2 * y), rows_of(400)
    found = effect_of(mixer, 0, rows, 30)
    assert found is not None
    at = np.array(found.at)
    assert found.curves.shape == (30, POINTS)
    for curve in (*found.curves, found.mean):
        assert curve - curve[0] == pytest.approx(at**2 - at[0] ** 2, abs=1e-6)
    assert found.local is not None
    assert found.local - found.local[0] == pytest.approx(at**2 - at[0] ** 2, abs=1e-6)
    assert 0 < found.share[0] < 0.04
    assert 0.96 < found.share[-1] < 1
    kinds = effect_of(mixer, 1, rows, 30)
    assert kinds is not None
    assert sorted(kinds.at) == ["x", "y"]
    assert kinds.mean[kinds.at.index("y")] - kinds.mean[kinds.at.index("x")] == pytest.approx(2)
    assert kinds.local is None
    assert kinds.share.sum() == pytest.approx(1)


def test_local_effects_ask_nothing_about_rows_that_nobody_has() -> None:
    """Where a and b hardly differ the model says a; it says a thousand where no row is. Only the one asks there."""
    mixer = mixer_of(lambda a, b, c, y: np.where(np.abs(a - b) > 2, 1000.0, a))
    rows = rows_of(3_000, correlation=0.995)
    found = effect_of(mixer, 0, rows, 100)
    assert found is not None
    assert found.local is not None
    at = np.array(found.at)
    assert found.local - found.local[0] == pytest.approx(at - at[0], abs=1e-3)
    assert np.ptp(found.mean) > 100


def test_a_feature_with_one_value_has_no_effect_to_show_and_categories_are_bounded() -> None:
    rows = rows_of(50)
    rows.numeric[:, 0] = np.nan
    mixer = mixer_of(lambda a, b, c, y: b)
    assert effect_of(mixer, 0, rows, 10) is None
    many = Inputs(rows.numeric, np.array([[f"k{i}"] for i in range(50)], object))
    found = effect_of(mixer, 1, many, 10)
    assert found is not None
    assert len(found.at) == MAX_CATEGORIES


def test_only_what_is_no_sum_interacts() -> None:
    rows = rows_of(40)
    rows.numeric[:] -= rows.numeric.mean(axis=0)
    places = np.array([0, 2, 3])
    alone = interaction(mixer_of(lambda a, b, c, y: a**3 + np.exp(b) + c), places, rows)
    assert alone == pytest.approx(np.zeros((3, 3)), abs=1e-3)
    product = interaction(mixer_of(lambda a, b, c, y: a * b + c), places, rows)
    assert product[0, 1] == pytest.approx(1, abs=0.05)
    assert product[0, 2] == pytest.approx(0, abs=0.02)
    assert (product == product.T).all()
    half = interaction(mixer_of(lambda a, b, c, y: a * b + a + b), places, rows)
    assert half[0, 1] ** 2 == pytest.approx(1 / 3, abs=0.12)
