"""Subsets for the learning curve, and the check of what the child says about them."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.errors import IsolationError
from secmlops.training.curve import CurvePoint, check_rows, curve_from_json, curve_to_json, nested_subsets


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=80), st.integers(0, 9))
def test_subsets_are_nested_and_hold_every_class(labels: list[int], seed: int) -> None:
    target = np.array(labels, np.int64)
    small, large, whole = nested_subsets(target, (0.3, 0.1), seed)
    assert set(small) <= set(large) <= set(whole)
    assert whole.tolist() == list(range(len(labels)))
    assert set(target[small]) == set(labels)
    assert len(small) <= 0.1 * len(labels) + len(set(labels))


def test_quantities_are_drawn_without_regard_to_their_size() -> None:
    small, _ = nested_subsets(np.linspace(0, 1, 100), (0.2,), 0)
    assert len(small) == 20
    assert small.max() > 60


def point(**changes: object) -> CurvePoint:
    honest = CurvePoint(
        fraction=0.5,
        rows=2,
        seconds=0.1,
        train_rows=[0, 1],
        train_outputs=[[0.1, 0.9], [0.2, 0.8]],
        holdout_rows=[0],
        holdout_outputs=[[0.5, 0.5]],
    )
    return msgspec.structs.replace(honest, **changes)


def test_an_honest_curve_is_read() -> None:
    points = [point()]
    assert curve_from_json(curve_to_json(points), train=4, holdout=1, outputs=2) == points


@pytest.mark.parametrize(
    "changes",
    [
        {"train_rows": [0, 4]},
        {"train_rows": [0, -1]},
        {"train_rows": [0]},
        {"holdout_outputs": [[0.5]]},
        {"holdout_rows": [1]},
        {"holdout_rows": [0, 0]},
    ],
    ids=str,
)
def test_a_curve_that_does_not_fit_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(IsolationError, match="does not fit"):
        curve_from_json(curve_to_json([point(**changes)]), train=4, holdout=1, outputs=2)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"rows": 0},
        {"fraction": 0.9},
        {"seconds": -1.0},
        {"seconds": float("nan")},
        {"train_rows": [0, 0]},
        {"train_rows": [0, 2]},
        {"holdout_rows": []},
    ],
    ids=str,
)
def test_only_the_rows_of_the_job_make_its_curve(changes: dict[str, object]) -> None:
    subsets = [np.array([0, 1])]
    if not changes:
        check_rows([point()], subsets, 3, train=4, holdout=1)
        return
    with pytest.raises(IsolationError, match="other rows"):
        check_rows([point(**changes)], subsets, 3, train=4, holdout=1)


def test_a_point_left_out_is_missed() -> None:
    with pytest.raises(IsolationError, match="other rows"):
        check_rows([], [np.array([0, 1])], 3, train=4, holdout=1)


@pytest.mark.parametrize("data", [b"", b"\x80\x04.", b"[{}]", b"[1]", b'{"a": 1}'])
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(IsolationError, match="cannot be read"):
        curve_from_json(data, train=4, holdout=1, outputs=2)
