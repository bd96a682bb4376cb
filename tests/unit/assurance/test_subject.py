from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from secmlops.assurance.subject import CurvePoint, LearningCurve, ModelUnderTest, skipped
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task

Build = Callable[..., ModelUnderTest]
TARGET = np.array([0, 1] * 10)
ANSWERS = np.stack([1 - TARGET * 0.5, TARGET * 0.5], axis=1)


def test_outputs_are_the_predictors(under_test: Build) -> None:
    model = under_test((TARGET, ANSWERS), (TARGET[:10], ANSWERS[:10]))
    np.testing.assert_allclose(model.train_outputs, ANSWERS)
    np.testing.assert_allclose(model.holdout_outputs, ANSWERS[:10])
    assert model.holdout_outputs is model.holdout_outputs
    assert model.task is Task.BINARY
    assert model.obstacle() == ""


@pytest.mark.parametrize(
    ("train", "holdout", "words"),
    [
        (TARGET, np.empty(0, np.int64), "holdout has 0 rows"),
        (TARGET[:9], TARGET, "training data has 9 rows"),
        (TARGET, np.zeros(20, np.int64), "holdout has a single class"),
        (np.ones(20, np.int64), TARGET, "training data has a single class"),
    ],
)
def test_obstacles_are_named(under_test: Build, train: np.ndarray, holdout: np.ndarray, words: str) -> None:
    model = under_test((train, ANSWERS[: len(train)]), (holdout, ANSWERS[: len(holdout)]))
    assert words in model.obstacle()


def test_a_constant_quantity_is_an_obstacle(under_test: Build) -> None:
    varied, constant = np.arange(20.0), np.ones(20)
    model = under_test((varied, varied[:, None]), (constant, varied[:, None]), Task.REGRESSION)
    assert "single value" in model.obstacle()


@pytest.mark.parametrize("target", [TARGET + 1, TARGET - 1, TARGET.astype(float)])
def test_a_target_that_is_no_class_is_refused(under_test: Build, target: np.ndarray) -> None:
    with pytest.raises(InputError, match="holdout examples is not all class indices below 2"):
        under_test((TARGET, ANSWERS), (target, ANSWERS))


def test_a_quantity_that_is_not_finite_is_refused(under_test: Build) -> None:
    target = np.arange(20.0)
    with pytest.raises(InputError, match="train examples is not all finite"):
        under_test((np.where(target > 5, np.nan, target), target[:, None]), (target, target[:, None]), Task.REGRESSION)


def point(rows: int, **changed: Any) -> CurvePoint:
    size = min(rows, 20)
    parts = {
        "train_outputs": ANSWERS[:size],
        "train_target": TARGET[:size],
        "holdout_outputs": ANSWERS,
        "holdout_target": TARGET,
    }
    return CurvePoint(rows, **(parts | changed))


@pytest.mark.parametrize("changed", [{"train_target": TARGET[:3]}, {"holdout_target": TARGET[:3]}, {"rows": 5}])
def test_a_point_whose_parts_do_not_fit_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="point of"):
        CurvePoint(
            **(
                {
                    "rows": 100,
                    "train_outputs": ANSWERS,
                    "train_target": TARGET,
                    "holdout_outputs": ANSWERS,
                    "holdout_target": TARGET,
                }
                | changed
            )
        )


@pytest.mark.parametrize("sizes", [[], [10], [20, 10], [10, 10]])
def test_a_curve_rises(sizes: list[int]) -> None:
    with pytest.raises(InputError, match="two or more"):
        LearningCurve(tuple(point(size) for size in sizes))
    assert len(LearningCurve((point(10), point(40))).points) == 2


def test_skipped_never_looks_passed() -> None:
    examination = skipped("some.rule", "the holdout is empty")
    assert examination.outcome is Outcome.SKIPPED
    assert not examination.measures
    assert "the holdout is empty" in examination.findings[0].message
