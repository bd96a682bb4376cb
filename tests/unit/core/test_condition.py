import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secmlops.core.condition import OPERATORS, Condition
from secmlops.core.errors import InputError

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "operator", "bound"),
    [
        (">= 0.74", ">=", 0.74),
        ("<=0.05", "<=", 0.05),
        ("  >  -1e-3 ", ">", -0.001),
        ("< +.5", "<", 0.5),
        ("== 3.", "==", 3.0),
    ],
)
def test_conditions_are_read(text: str, operator: str, bound: float) -> None:
    assert Condition.parse(text) == Condition(operator, bound)


def test_a_condition_can_be_on_a_point_of_a_curve() -> None:
    condition = Condition.parse(">= 0.6 at 0.10")
    assert condition == Condition(">=", 0.6, 0.1)
    assert condition.measure("robust_accuracy") == "robust_accuracy_at_0.1"
    assert Condition.parse(">= 0.6").measure("robust_accuracy") == "robust_accuracy"


@pytest.mark.parametrize(
    "text",
    [
        ">= 0.6 at",
        ">= 0.6 at 0.1 at 0.2",
        ">= 0.6at 0.1",
        ">= 0.6 at inf",
        "at 0.1",
        "",
        ">=",
        "0.74",
        "=> 0.74",
        "!= 1",
        ">= 0.7 0.8",
        ">= nan",
        ">= inf",
        "> 1e999",
        ">= 0,74",
        ">= 1_000",
        ">= ٣",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Condition.parse(text)


@pytest.mark.parametrize(("operator", "bound"), [("!=", 1.0), ("", 1.0), (">=", math.nan), ("<", math.inf)])
def test_a_condition_cannot_be_built_that_could_not_be_read(operator: str, bound: float) -> None:
    with pytest.raises(InputError):
        Condition(operator, bound)


@pytest.mark.parametrize(
    ("text", "met", "missed"),
    [
        (">= 1", (1.0, 1.1), (0.9,)),
        ("<= 1", (1.0, 0.9), (1.1,)),
        ("> 1", (1.1,), (1.0, 0.9)),
        ("< 1", (0.9,), (1.0, 1.1)),
        ("== 1", (1.0,), (0.9, 1.1)),
    ],
)
def test_operators_mean_what_they_say(text: str, met: tuple[float, ...], missed: tuple[float, ...]) -> None:
    condition = Condition.parse(text)
    assert all(condition.met_by(value) for value in met)
    assert not any(condition.met_by(value) for value in missed)


@given(st.sampled_from(sorted(OPERATORS)), FINITE, st.sampled_from([math.nan, math.inf, -math.inf]))
def test_a_value_that_is_not_finite_never_meets_one(operator: str, bound: float, value: float) -> None:
    assert not Condition(operator, bound).met_by(value)


@given(st.sampled_from(sorted(OPERATORS)), FINITE)
def test_written_conditions_are_read_back(operator: str, bound: float) -> None:
    condition = Condition(operator, bound)
    assert Condition.parse(str(condition)) == condition


def test_conditions_are_written_short() -> None:
    assert str(Condition.parse(">= 0.740")) == ">= 0.74"
    assert str(Condition.parse("<= 3.0")) == "<= 3"
