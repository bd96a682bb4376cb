"""Reasons are the largest contributions, in words a person can be told."""

import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.explain.explanation import Explanation, Method, Scale
from secmlops.explain.reasons import MOST_REASONS, Wording, shown_number, values_of
from secmlops.explain.usual import Usual
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

FEATURES = (
    *(Feature(name=f"n{i}", kind=FeatureKind.NUMERIC) for i in range(6)),
    Feature(name="purpose", kind=FeatureKind.CATEGORICAL),
)
BINARY = Signature(task=Task.BINARY, features=FEATURES, classes=("repaid", "default"))
NUMBERS = Signature(task=Task.REGRESSION, features=FEATURES)
ROW = Inputs(np.array([[12345, 2, 0.5, np.nan, 5, 6]], np.float32), np.array([["car"]], object))
USUAL = [Usual(0, 100), Usual(3, 4), Usual(0, 1), None, Usual(0, 9), None]


def explanation(
    contributions: list[float], answers: list[float], errors: list[float] | None = None, base: float = 0.0
) -> Explanation:
    values = np.array([contributions])
    scale = Scale.LOG_ODDS if len(answers) == 2 else Scale.PREDICTION
    return Explanation(
        np.array([base]),
        values,
        np.zeros_like(values) if errors is None else np.array([errors]),
        Method.LINEAR,
        scale,
        np.array([len(answers) - 1]),
        np.array([answers]),
    )


def test_reasons_for_the_decision_come_first_and_are_at_most_four() -> None:
    wording = Wording(BINARY, {"n1": "only {value} years"}, USUAL)
    told = wording.reasons(explanation([3, 2, 1.5, 1, 0.9, -0.5, 0.8], [0.1, 0.9]), ROW, 0)
    assert told.decided == "default"
    assert told.for_it == ("n0 = 12,345, higher than usual", "only 2 years", "n2 = 0.5", "n3 is missing")
    assert len(told.for_it) == MOST_REASONS
    assert told.against_it == ("n5 = 6",)


def test_the_other_class_turns_reasons_round() -> None:
    told = Wording(BINARY, {}, USUAL).reasons(explanation([3, -2, 0, 0, 0, 0, -1], [0.9, 0.1]), ROW, 0)
    assert told.decided == "repaid"
    assert told.for_it == ("n1 = 2, lower than usual", "purpose = car")
    assert told.against_it == ("n0 = 12,345, higher than usual",)


def test_a_quantity_below_the_usual_is_explained_by_what_lowers_it() -> None:
    found = explanation([-3, 1, 0, 0, 0, 0, 0], [8.0], base=10.0)
    told = Wording(NUMBERS, {}, USUAL).reasons(found, ROW, 0)
    assert told.decided == "8"
    assert told.for_it == ("n0 = 12,345, higher than usual",)
    assert told.against_it == ("n1 = 2, lower than usual",)


def test_what_is_small_or_unsure_is_no_reason() -> None:
    unsure = explanation([3, 1, 0.01, 0, 0, 0, 1], [0.1, 0.9], errors=[0.1, 0.6, 0, 0, 0, 0, 0.4])
    assert Wording(BINARY, {}, []).reasons(unsure, ROW, 0).for_it == ("n0 = 12,345", "purpose = car")


def test_a_missing_category_is_told_as_missing_even_with_a_phrase() -> None:
    row = Inputs(ROW.numeric, np.array([[""]], object))
    wording = Wording(BINARY, {"purpose": "a loan for {value}"}, USUAL)
    found = explanation([0, 0, 0, 0, 0, 0, 1], [0.1, 0.9])
    assert wording.reasons(found, row, 0).for_it == ("purpose is missing",)
    assert wording.reasons(found, ROW, 0).for_it == ("a loan for car",)


def test_braces_in_values_and_phrases_are_only_text() -> None:
    row = Inputs(ROW.numeric, np.array([["{0.__class__}"]], object))
    wording = Wording(BINARY, {"purpose": "{value!r} {other} {value}"}, USUAL)
    told = wording.reasons(explanation([0, 0, 0, 0, 0, 0, 1], [0.1, 0.9]), row, 0)
    assert told.for_it == ("{value!r} {other} {0.__class__}",)


@pytest.mark.parametrize(
    "phrases", [{"nothing": "x"}, {"n1": ""}, {"n1": "  "}, {"n1": "x" * 201}, {"n1": "a\nb"}, {"n1": "\x1b[2J"}]
)
def test_phrases_that_cannot_be_told_are_refused(phrases: dict[str, str]) -> None:
    with pytest.raises(InputError, match="phrase"):
        Wording(BINARY, phrases, USUAL)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (12345.0, "12,345"),
        (12345.678, "12,346"),
        (-2.0, "-2"),
        (0.33333, "0.3333"),
        (1e-9, "1e-09"),
        (3e20, "3e+20"),
        (float("inf"), "inf"),
    ],
)
def test_numbers_are_shown_short(value: float, told: str) -> None:
    assert shown_number(value) == told


def test_values_stand_in_the_order_of_the_features() -> None:
    assert values_of(BINARY, ROW, 0) == [12345, 2, 0.5, None, 5, 6, "car"]
