import json
from collections.abc import Callable

import numpy as np
import pytest

from secmlops.assurance.fit import Fit, Score, learning_slope
from secmlops.assurance.subject import CurvePoint, LearningCurve, ModelUnderTest
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task

Build = Callable[..., ModelUnderTest]
Rows = tuple[np.ndarray, np.ndarray]
QUICK = Fit(resamples=200)


def binary(rows: int, strength: float, seed: int = 0) -> Rows:
    rng = np.random.default_rng(seed)
    target = rng.integers(0, 2, rows)
    event = 1 / (1 + np.exp(-strength * (target - 0.5) - rng.normal(size=rows)))
    return target, np.stack([1 - event, event], axis=1)


def rules(examination: Examination) -> list[str]:
    return [finding.rule for finding in examination.findings]


def test_a_model_as_good_on_new_rows_passes(under_test: Build) -> None:
    found = QUICK.examine(under_test(binary(1000, 2), binary(800, 2, 1)))
    assert found.outcome is Outcome.PASSED
    assert found.measures["gap_low"] < found.measures["gap"] < found.measures["gap_high"]
    assert found.measures["gap"] == found.measures["train_score"] - found.measures["holdout_score"]
    assert found.measures["skill"] == pytest.approx(2 * found.measures["train_score"] - 1)
    assert rules(found) == ["fit.no-curve"]
    assert "learning_slope" not in found.measures


def test_overfitting_is_warned_of_and_fails_when_extreme(under_test: Build) -> None:
    warned = QUICK.examine(under_test(binary(1000, 8), binary(800, 1.2, 1)))
    assert warned.outcome is Outcome.PASSED
    assert "fit.overfitting" in rules(warned)
    extreme = QUICK.examine(under_test(binary(1000, 20), binary(800, 0.1, 1)))
    assert extreme.outcome is Outcome.FAILED
    assert extreme.measures["gap_low"] > 0.35


def test_a_gap_within_chance_is_not_called_overfitting(under_test: Build) -> None:
    found = Fit(resamples=200, notable_gap=0.0).examine(under_test(binary(300, 2), binary(40, 1.8, 5)))
    assert found.measures["gap"] > 0 > found.measures["gap_low"]
    assert "fit.overfitting" not in rules(found)


def test_underfitting_is_warned_of_and_fails_when_nothing_was_learnt(under_test: Build) -> None:
    faint = QUICK.examine(under_test(binary(2000, 0.15), binary(800, 0.15, 1)))
    assert faint.outcome is Outcome.PASSED
    assert "fit.underfitting" in rules(faint)
    target, answers = binary(500, 1)
    nothing = QUICK.examine(under_test((target, answers[:, ::-1]), (target, answers)))
    assert nothing.outcome is Outcome.FAILED
    assert nothing.measures["skill"] < 0


def test_a_holdout_that_is_easier_is_suspicious(under_test: Build) -> None:
    found = QUICK.examine(under_test(binary(1000, 1), binary(800, 4, 1)))
    assert found.measures["gap_high"] < 0
    assert "fit.holdout-is-easier" in rules(found)


def point(rows: int, train: Rows, holdout: Rows) -> CurvePoint:
    return CurvePoint(rows, train[1], train[0], holdout[1], holdout[0])


def test_the_learning_curve_ends_in_the_model_itself(under_test: Build) -> None:
    holdout = binary(500, 2, 1)
    curve = LearningCurve(
        (point(100, binary(100, 4), binary(400, 0.8, 2)), point(300, binary(200, 3), binary(400, 1.4, 2)))
    )
    found = QUICK.examine(under_test(binary(900, 2), holdout, curve=curve))
    told = json.loads(found.products["curve"])
    assert told["metric"] == "auc"
    assert [p["rows"] for p in told["points"]] == [100, 300, 900]
    assert told["points"][-1]["holdout"] == found.measures["holdout_score"]
    assert found.measures["learning_slope"] > 0.02
    assert "fit.more-data" in rules(found)


def test_a_curve_that_reaches_the_full_data_does_not_count_it_twice(under_test: Build) -> None:
    holdout = binary(300, 2, 1)
    curve = LearningCurve((point(100, binary(100, 2), holdout), point(400, binary(400, 2), holdout)))
    found = QUICK.examine(under_test(binary(400, 2), holdout, curve=curve))
    assert [p["rows"] for p in json.loads(found.products["curve"])["points"]] == [100, 400]


def test_a_point_of_a_single_class_has_no_score(under_test: Build) -> None:
    holdout = binary(300, 2, 1)
    alone = np.zeros(20, np.int64), np.full((20, 2), 0.5)
    curve = LearningCurve((point(20, alone, holdout), point(200, binary(200, 2), holdout)))
    found = QUICK.examine(under_test(binary(400, 2), holdout, curve=curve))
    assert [p["rows"] for p in json.loads(found.products["curve"])["points"]] == [200, 400]


def test_the_slope_is_per_doubling_over_the_last_points() -> None:
    rising = tuple(Score(100 * 2**i, 0.9, 0.7 + 0.03 * i) for i in range(3))
    assert learning_slope(rising) == pytest.approx(0.03)
    assert learning_slope((Score(10, 0.9, 0.1), *rising)) == pytest.approx(0.03)
    assert learning_slope((Score(100, 0.9, 0.8), Score(400, 0.9, 0.8))) == pytest.approx(0, abs=1e-12)


def test_quantities_are_judged_by_r2(under_test: Build) -> None:
    rng = np.random.default_rng(0)
    target = rng.normal(size=400)
    close, far = target[:, None] * 0.99, (target + rng.normal(size=400) * 0.9)[:, None]
    found = QUICK.examine(under_test((target, close), (target, far), Task.REGRESSION))
    assert json.loads(found.products["curve"])["metric"] == "r2"
    assert found.measures["train_score"] > 0.99
    assert found.measures["gap"] > 0.5
    assert found.outcome is Outcome.FAILED


def test_many_classes_are_judged_by_the_mean_auc(under_test: Build) -> None:
    rng = np.random.default_rng(0)
    target = rng.integers(0, 3, 300)
    answers = rng.dirichlet([1, 1, 1], 300) * 0.3
    answers[np.arange(300), target] += 0.7
    found = QUICK.examine(under_test((target, answers), (target, answers), Task.MULTICLASS))
    assert found.measures["train_score"] == found.measures["holdout_score"] == 1.0


def test_train_and_holdout_are_drawn_apart(under_test: Build) -> None:
    rows = binary(300, 2)
    found = QUICK.examine(under_test(rows, rows))
    assert found.measures["gap"] == 0.0
    assert found.measures["gap_high"] - found.measures["gap_low"] > 0.02


def test_a_single_class_is_skipped_without_measures(under_test: Build) -> None:
    target, answers = binary(50, 2)
    found = QUICK.examine(under_test((target, answers), (np.zeros(50, np.int64), answers)))
    assert found.outcome is Outcome.SKIPPED
    assert not found.measures


@pytest.mark.parametrize(
    "wrong",
    [{"resamples": 3}, {"notable_gap": 0.5}, {"notable_gap": -1.0}, {"notable_skill": 1.0}, {"confidence": 2.0}],
)
def test_settings_are_checked(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError):
        Fit(**wrong)  # type: ignore[arg-type]
