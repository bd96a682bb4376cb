import json
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from secmlops.assurance.calibration import Calibration
from secmlops.assurance.subject import ModelUnderTest
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.training.columns import column_transformer
from secmlops.training.export import export
from secmlops.training.recalibration.maps import LogLine
from secmlops.training.recalibration.recalibrated import Recalibrated

Build = Callable[..., ModelUnderTest]
Rows = tuple[np.ndarray, np.ndarray]


def binary(rows: int, slope: float = 1.0, shift: float = 0.0, seed: int = 0) -> Rows:
    """Events drawn from odds, and a model that states odds of another slope and shift."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(size=rows) * 1.5
    target = (rng.random(rows) < 1 / (1 + np.exp(-odds))).astype(np.int64)
    stated = 1 / (1 + np.exp(-(odds * slope + shift)))
    return target, np.stack([1 - stated, stated], axis=1)


def rules(examination: Examination) -> list[str]:
    return [finding.rule for finding in examination.findings]


def test_a_calibrated_model_passes_quietly(under_test: Build) -> None:
    found = Calibration().examine(under_test(binary(100), binary(8000, seed=1)))
    assert found.outcome is Outcome.PASSED
    assert not found.findings
    assert found.measures["ece_debiased"] <= found.measures["ece"] < 0.03
    assert found.measures["slope_low"] < 1 < found.measures["slope_high"]
    assert found.measures["intercept"] == pytest.approx(0, abs=0.1)
    assert found.measures["in_the_large"] == pytest.approx(0, abs=0.1)


def test_the_parts_of_the_brier_score_are_measured(under_test: Build) -> None:
    measures = Calibration().examine(under_test(binary(100), binary(2000))).measures
    parts = measures["brier_reliability"] - measures["brier_resolution"] + measures["brier_uncertainty"]
    assert parts == pytest.approx(measures["brier"])


def test_an_overconfident_model_is_told_by_its_slope(under_test: Build) -> None:
    found = Calibration().examine(under_test(binary(100), binary(5000, slope=2.5)))
    assert found.outcome is Outcome.PASSED
    assert found.measures["slope"] == pytest.approx(0.4, abs=0.05)
    assert rules(found) == ["calibration.off", "calibration.too-extreme"]


def test_a_cautious_model_is_told_by_its_slope(under_test: Build) -> None:
    found = Calibration().examine(under_test(binary(100), binary(5000, slope=0.4)))
    assert found.measures["slope"] == pytest.approx(2.5, abs=0.3)
    assert "calibration.too-cautious" in rules(found)


def test_a_model_far_off_fails(under_test: Build) -> None:
    found = Calibration().examine(under_test(binary(100), binary(5000, shift=2.5)))
    assert found.outcome is Outcome.FAILED
    assert found.measures["in_the_large"] == pytest.approx(-2.5, abs=0.2)
    assert found.measures["ece_debiased"] > 0.25


def test_settings_move_the_limits(under_test: Build) -> None:
    model = under_test(binary(100), binary(3000, shift=0.5))
    assert Calibration(notable_error=0.3, maximum_error=0.5).examine(model).findings == ()
    assert Calibration(notable_error=0.0, maximum_error=0.01).examine(model).outcome is Outcome.FAILED


def test_the_diagram_covers_every_row(under_test: Build) -> None:
    found = Calibration(bins=10).examine(under_test(binary(100), binary(3000)))
    told = json.loads(found.products["reliability"])
    assert told["task"] == "binary_classification"
    assert len(told["bins"]) == 10
    assert sum(b["rows"] for b in told["bins"]) == 3000
    for b in told["bins"]:
        assert b["low"] < b["observed"] < b["high"]


def test_a_separating_model_has_no_slope_but_errors(under_test: Build) -> None:
    target = np.array([0, 1] * 50)
    answers = np.stack([0.9 - 0.8 * target, 0.1 + 0.8 * target], axis=1)
    found = Calibration().examine(under_test((target, answers), (target, answers)))
    assert "slope" not in found.measures
    assert found.measures["ece"] == pytest.approx(0.1, abs=1e-6)


def test_many_classes_are_judged_by_the_likeliest(under_test: Build) -> None:
    rng = np.random.default_rng(0)
    answers = rng.dirichlet([1, 1, 1], 6000)
    target = (rng.random(6000)[:, None] > answers.cumsum(axis=1)).sum(axis=1)
    found = Calibration().examine(under_test((target, answers), (target, answers), Task.MULTICLASS))
    assert found.outcome is Outcome.PASSED
    assert found.measures["ece_debiased"] < 0.03
    assert "slope" not in found.measures
    sharp = np.full((6000, 3), 0.01)
    sharp[np.arange(6000), answers.argmax(axis=1)] = 0.98
    wrong = Calibration().examine(under_test((target, answers), (target, sharp), Task.MULTICLASS))
    assert wrong.outcome is Outcome.FAILED


def regression(slope: float = 1.0, shift: float = 0.0) -> Rows:
    rng = np.random.default_rng(0)
    known = rng.normal(size=3000)
    target = known + rng.normal(size=3000)
    return target, (known * slope + shift)[:, None]


def test_quantities_are_judged_by_shift_and_slope_and_have_no_ece(under_test: Build) -> None:
    found = Calibration().examine(under_test(regression(), regression(), Task.REGRESSION))
    assert found.outcome is Outcome.PASSED
    assert found.measures["in_the_large"] == pytest.approx(0, abs=0.05)
    assert found.measures["slope"] == pytest.approx(1, abs=0.1)
    assert "ece" not in found.measures
    assert len(json.loads(found.products["reliability"])["bins"]) == 15


def test_a_shifted_quantity_fails_and_a_stretched_one_is_told(under_test: Build) -> None:
    shifted = Calibration().examine(under_test(regression(), regression(shift=1.0), Task.REGRESSION))
    assert shifted.outcome is Outcome.FAILED
    assert shifted.measures["in_the_large"] == pytest.approx(-1 / np.sqrt(2), abs=0.05)
    stretched = Calibration().examine(under_test(regression(), regression(slope=2), Task.REGRESSION))
    assert rules(stretched) == ["calibration.too-extreme"]


def test_constant_predictions_have_no_slope(under_test: Build) -> None:
    target = np.arange(20.0)
    found = Calibration().examine(
        under_test((target, target[:, None]), (target, np.full((20, 1), 9.5)), Task.REGRESSION)
    )
    assert "slope" not in found.measures
    assert found.measures["in_the_large"] == 0.0


def test_a_single_class_is_skipped_without_measures(under_test: Build) -> None:
    target, answers = binary(50)
    found = Calibration().examine(under_test((target, answers), (np.zeros(50, np.int64), answers)))
    assert found.outcome is Outcome.SKIPPED
    assert not found.measures


@pytest.mark.parametrize(("map_", "warned"), [(LogLine(1 / 3, 1 / 3, 0), False), (LogLine(2, 2, 1), True)])
def test_a_map_behind_the_model_is_held_against_the_model_without_it(map_: LogLine, warned: bool) -> None:
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(3_000, 1)).astype(np.float32)
    target = (rng.random(3_000) < 1 / (1 + np.exp(-numbers[:, 0]))).astype(np.int64)
    signature = Signature(
        task=Task.BINARY, features=(Feature(name="x", kind=FeatureKind.NUMERIC),), classes=("no", "yes")
    )
    sure = LogisticRegression().fit(numbers, target)
    sure.coef_ = np.array([[3.0]])
    sure.intercept_ = np.zeros(1)
    columns = column_transformer(pa.table({"x": numbers[:, 0]})).fit(pa.table({"x": numbers[:, 0]}))
    model = export(Recalibrated(Pipeline([("columns", columns), ("model", sure)]), (map_,), signature), signature)
    rows = Examples(Inputs(numbers, np.empty((3_000, 0), object)), target)
    found = Calibration().examine(ModelUnderTest(Predictor(model, signature), rows, rows, onnx=model))
    assert found.measures["ece_debiased_before"] == pytest.approx(0.18, abs=0.05)
    assert (found.measures["ece_debiased"] < 0.03) is not warned
    assert ("calibration.not-gained" in rules(found)) is warned
    assert {"ece_before", "brier_before"} <= set(found.measures)


@pytest.mark.parametrize(
    "wrong",
    [
        {"bins": 1},
        {"confidence": 0.0},
        {"notable_error": 0.5},
        {"notable_error": -0.1},
        {"maximum_error": float("nan")},
    ],
)
def test_settings_are_checked(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError):
        Calibration(**wrong)  # type: ignore[arg-type]
