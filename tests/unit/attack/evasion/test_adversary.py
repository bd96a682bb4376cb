"""What an adversary could do, by the names of features."""

import numpy as np
import pytest

from secmlops.attack.evasion.adversary import Adversary
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

SIGNATURE = Signature(
    task=Task.REGRESSION,
    features=(
        Feature(name="income", kind=FeatureKind.NUMERIC),
        Feature(name="other income", kind=FeatureKind.NUMERIC, integer=True),
        Feature(name="purpose", kind=FeatureKind.CATEGORICAL),
        Feature(name="a-b", kind=FeatureKind.NUMERIC),
    ),
)
TRAIN = Inputs(np.array([[0, 0, 1], [2, 4, 3]], np.float32), np.array([["x"], ["y"]], object))


def test_prices_and_fixed_features_are_those_of_their_columns():
    adversary = Adversary(fixed=("a-b",), prices={"income": 4.0, "purpose": 0.5})
    allowed = adversary.perturbations(SIGNATURE, TRAIN)
    assert allowed.unit.tolist() == [0.25, 2.0, 0.0]
    assert allowed.price.tolist() == [0.5]
    assert allowed.integer.tolist() == [False, True, False]
    assert np.isinf(Adversary(fixed=("purpose",)).perturbations(SIGNATURE, TRAIN).price).all()


@pytest.mark.parametrize(
    ("text", "coefficients"),
    [
        ("income + other income", [1, 1, 0]),
        ("12 * income - a-b", [12, 0, -1]),
        ("- income + 0.5 * other income + income", [0, 0.5, 0]),
    ],
)
def test_a_sum_is_read_by_the_names_of_features(text: str, coefficients: list[float]):
    assert Adversary(sums=(text,)).perturbations(SIGNATURE, TRAIN).sums.tolist() == [coefficients]


@pytest.mark.parametrize(
    ("adversary", "what"),
    [
        ({"fixed": ("age",)}, "no feature 'age'"),
        ({"prices": {"age": 1.0}}, "no feature 'age'"),
        ({"sums": ("income + purpose",)}, "no sum of numeric features"),
        ({"sums": ("income * 2",)}, "no sum of numeric features"),
        ({"sums": ("+",)}, "no sum of numeric features"),
    ],
)
def test_what_names_no_feature_is_refused(adversary: dict, what: str):
    with pytest.raises(InputError, match=what):
        Adversary(**adversary).perturbations(SIGNATURE, TRAIN)


@pytest.mark.parametrize("price", [0, -1, float("inf")])
def test_a_price_is_a_number_above_nothing(price: float):
    with pytest.raises(InputError, match="a price of"):
        Adversary(prices={"income": price})
