import numpy as np
import pytest

from secmlops.data.poisoning.neighbours import neighbours_contradict
from secmlops.runtime.signature import Inputs

RNG = np.random.default_rng(0)
ROWS = 600
NUMBERS = RNG.normal(size=(ROWS, 2)).astype(np.float32)
LABELS = (NUMBERS[:, 0] > 0).astype(np.int64)
NONE = np.empty((ROWS, 0), object)
EVERY = np.arange(ROWS)


def test_flipped_labels_far_from_where_the_classes_meet_are_contradicted_and_no_others() -> None:
    flipped = np.flatnonzero(np.abs(NUMBERS[:, 0]) > 0.8)[::9]
    labels = LABELS.copy()
    labels[flipped] = 1 - labels[flipped]
    told = neighbours_contradict(Inputs(NUMBERS, NONE), labels, EVERY)
    assert told[flipped].mean() > 0.95
    assert np.delete(told, flipped).mean() < 0.05


def test_the_answer_is_about_the_rows_asked_for_in_their_order() -> None:
    inputs, every = Inputs(NUMBERS, NONE), RNG.permutation(LABELS)
    asked = RNG.permutation(ROWS)[:300]
    assert np.array_equal(
        neighbours_contradict(inputs, every, asked), neighbours_contradict(inputs, every, EVERY)[asked]
    )


def test_categories_are_near_where_they_are_equal() -> None:
    texts = np.array(["a", "b", "c"], object)[EVERY % 3][:, None]
    labels = EVERY % 3
    labels[:3] = (labels[:3] + 1) % 3
    told = neighbours_contradict(Inputs(np.empty((ROWS, 0), np.float32), texts), labels, EVERY)
    assert told[:3].all()
    assert not told[3:].any()


@pytest.mark.parametrize("value", [np.nan, 7.0, 3e38])
def test_a_column_that_says_nothing_and_an_outlier_change_little(value: float) -> None:
    more = np.column_stack([NUMBERS, np.full(ROWS, value, np.float32)])
    more[0, 2] = -3e38
    told = neighbours_contradict(Inputs(more, NONE), LABELS, EVERY[1:])
    assert np.array_equal(told, neighbours_contradict(Inputs(NUMBERS, NONE), LABELS, EVERY[1:]))


def test_of_three_rows_two_are_neighbours() -> None:
    few = Inputs(np.array([[0], [1], [2]], np.float32), np.empty((3, 0), object))
    assert neighbours_contradict(few, np.array([0, 1, 1]), np.arange(3)).tolist() == [True, True, True]
