import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.release.parity import Parity
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Inputs

Echo = Callable[..., Predictor]


@dataclass(frozen=True)
class Exported:
    predictor: Predictor | None
    holdout: Inputs | None
    estimator_outputs: np.ndarray | None


def exported(predictor: Predictor, answers: np.ndarray, original: np.ndarray) -> Exported:
    return Exported(predictor, Inputs(answers.astype(np.float32), np.empty((len(answers), 0), object)), original)


def shares(event: list[float]) -> np.ndarray:
    return np.stack([1 - np.array(event), np.array(event)], axis=1)


def test_the_same_answers_pass(echo: Echo) -> None:
    original = shares(np.random.default_rng(1).random(500).tolist())
    found = Parity().examine(exported(echo(), original, original))
    assert found.outcome is Outcome.PASSED
    assert found.measures["rows"] == 500
    assert 0 < found.measures["max_difference"] < 1e-7  # float32 rounding
    assert found.measures["class_changes"] == 0


def test_one_row_astray_fails(echo: Echo) -> None:
    original = shares([0.2] * 999 + [0.3])
    changed = shares([0.2] * 999 + [0.301])
    found = Parity().examine(exported(echo(), changed, original))
    assert found.outcome is Outcome.FAILED
    assert found.measures["max_difference"] == pytest.approx(0.001, rel=1e-3)
    assert found.measures["mean_difference"] == pytest.approx(1e-6, rel=0.02)
    assert [f.rule for f in found.findings] == ["parity.answers-differ"]


def test_a_changed_class_fails_however_small_the_difference(echo: Echo) -> None:
    found = Parity().examine(exported(echo(), shares([0.50002, 0.1]), shares([0.49998, 0.1])))
    assert [f.rule for f in found.findings] == ["parity.class-changes"]
    assert found.measures["class_changes"] == 1
    assert found.measures["class_change_share"] == 0.5


def test_settings_loosen_both(echo: Echo) -> None:
    control = Parity(tolerance=0.1, maximum_class_changes=1)
    assert control.examine(exported(echo(), shares([0.52]), shares([0.48]))).outcome is Outcome.PASSED


def test_quantities_are_compared_in_standard_deviations(echo: Echo) -> None:
    original = np.array([[1e6], [2e6], [3e6]])
    predictor = echo(Task.REGRESSION, 1)
    close = Parity().examine(exported(predictor, original + 1, original))
    assert close.outcome is Outcome.PASSED
    assert close.measures["max_difference"] == pytest.approx(1 / original.std(), rel=0.1)
    assert Parity().examine(exported(predictor, original + 1e5, original)).outcome is Outcome.FAILED


@pytest.mark.parametrize("constant", [0.0, 5.0])
def test_a_constant_quantity_is_compared_with_its_size(echo: Echo, constant: float) -> None:
    original = np.full((3, 1), constant)
    predictor = echo(Task.REGRESSION, 1)
    assert Parity().examine(exported(predictor, original, original)).outcome is Outcome.PASSED
    assert Parity().examine(exported(predictor, original + 0.01, original)).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("answers", "original", "rule"),
    [
        (np.empty((0, 2)), np.empty((0, 2)), "parity.nothing-compared"),
        (shares([0.5, 0.5]), shares([0.5]), "parity.other-shape"),
        (shares([0.5, 0.5]), np.array([0.5, 0.5]), "parity.other-shape"),
        (shares([0.5]), np.array([[np.nan, 0.5]]), "parity.not-finite"),
    ],
)
def test_what_cannot_be_compared_fails(echo: Echo, answers: np.ndarray, original: np.ndarray, rule: str) -> None:
    found = Parity().examine(exported(echo(), answers, original))
    assert found.outcome is Outcome.FAILED
    assert [f.rule for f in found.findings] == [rule]


@pytest.mark.parametrize("missing", ["predictor", "holdout", "estimator_outputs"])
def test_a_missing_part_fails(echo: Echo, missing: str) -> None:
    whole = exported(echo(), shares([0.5]), shares([0.5]))
    found = Parity().examine(dataclasses.replace(whole, **{missing: None}))
    assert found.outcome is Outcome.FAILED
    assert [f.rule for f in found.findings] == ["parity.nothing-compared"]


def test_nan_as_tolerance_is_refused() -> None:
    for tolerance in (float("nan"), -1e-9, 1.0):
        with pytest.raises(InputError, match="tolerance"):
            Parity(tolerance=tolerance)
    with pytest.raises(InputError, match="negative"):
        Parity(maximum_class_changes=-1)
