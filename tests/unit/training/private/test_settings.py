"""What cannot be promised is refused before anything runs."""

import pytest

from secmlops.core.errors import InputError
from secmlops.training.private.settings import Method, PrivateTraining


def settings(**changes: object) -> PrivateTraining:
    return PrivateTraining(**{"epsilon": 1.0, "delta": 1e-5, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("model", "changes", "told"),
    [
        ("neural_network", {"epsilon": 0.01}, "not exact enough"),
        ("logistic_regression", {"bounds": {"age": (90.0, 18.0)}}, "bounds of age"),
        ("linear_regression", {"target_bounds": (0.0, float("inf"))}, "bounds of target_bounds"),
        ("logistic_regression", {"categories": {"purpose": ()}}, "categories of purpose"),
        ("logistic_regression", {"categories": {"purpose": ("car", "car")}}, "named twice"),
    ],
)
def test_numbers_that_contradict_are_told(model: str, changes: dict, told: str) -> None:
    with pytest.raises(InputError, match=told) as error:
        settings(**changes).check(model)
    assert error.value.hint


def test_a_column_that_the_model_does_not_get_is_told() -> None:
    asked = settings(bounds={"purpose": (0.0, 1.0)}, categories={"purpose": ("car",)})
    with pytest.raises(InputError, match="bounds are given of purpose"):
        asked.check_columns(["age"], ["purpose"])
    settings(categories={"purpose": ("car",)}).check_columns(["age"], ["purpose"])


def test_linear_models_see_all_rows_in_each_step_unless_told_otherwise() -> None:
    settings().check("logistic_regression")
    assert settings().resolved("linear_regression") is Method.GRADIENT_DESCENT
    assert settings().resolved("neural_network") is Method.SGD
    assert settings(method=Method.SGD).resolved("logistic_regression") is Method.SGD
