"""Thresholds rounded down decide every float32 as the float64 threshold did."""

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier

from secmlops.core.task import Task
from secmlops.runtime.signature import Feature, FeatureKind, Signature
from secmlops.training.export import export
from secmlops.training.thresholds import floor32, round_down


@settings(max_examples=60, deadline=None)
@given(st.floats(-1e300, 1e300), st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_rounding_down_changes_no_decision(threshold: float, value: float) -> None:
    rounded = floor32(np.array([threshold]))[0]
    assert (value <= threshold) == (np.float32(value) <= rounded)


def test_a_threshold_just_above_the_least_float32_is_no_overflow() -> None:
    assert floor32(np.array([-3.402823364973241e38])).tolist() == [float(np.finfo(np.float32).min)]


def test_infinite_thresholds_stay() -> None:
    assert floor32(np.array([np.inf, -np.inf])).tolist() == [np.inf, -np.inf]


@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(4, random_state=0),
        GradientBoostingClassifier(n_estimators=4),
        HistGradientBoostingClassifier(max_iter=4, min_samples_leaf=1),
    ],
    ids=lambda e: type(e).__name__,
)
def test_neighbouring_numbers_go_the_same_way_in_onnx(estimator: RandomForestClassifier) -> None:
    steps = np.arange(1, 65, dtype=np.uint32) + np.float32(1.0).view(np.uint32)
    matrix = steps.view(np.float32)[:, None]  # 64 float32 numbers with none between them
    target = np.arange(64) // 2 % 2
    signature = Signature(
        task=Task.BINARY, features=(Feature(name="x", kind=FeatureKind.NUMERIC),), classes=("no", "yes")
    )
    own = estimator.fit(matrix, target).predict_proba(matrix)
    (answers,) = onnxruntime.InferenceSession(export(estimator, signature)).run(None, {"numeric": matrix})
    np.testing.assert_allclose(answers, own, atol=1e-6)


def test_estimators_without_trees_are_left_alone() -> None:
    round_down(object())
