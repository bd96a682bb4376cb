import numpy as np
import pytest

from kits.poison_world import examples
from secmlops.data.poisoning.slices import find_slices

GIVEN = examples(2_000)
NUMBERS, TEXTS = GIVEN.inputs.numeric, GIVEN.inputs.categorical


def flipped(within: np.ndarray, source: int) -> np.ndarray:
    return np.where(within & (GIVEN.target == source), 1 - source, GIVEN.target)


def test_an_honest_table_has_none() -> None:
    assert find_slices(GIVEN.inputs, GIVEN.target, 0) == ()


@pytest.mark.parametrize("source", [0, 1])
def test_a_slice_without_one_class_is_found(source: int) -> None:
    within = (NUMBERS[:, 3] > 0.5) & (TEXTS[:, 0] == "south")
    labels = flipped(within, source)
    found = find_slices(GIVEN.inputs, labels, 0)[0]
    bad = np.flatnonzero(within & (GIVEN.target == source))
    assert found.source == source
    assert len(np.intersect1d(found.rows, bad)) >= 0.75 * len(bad)
    assert len(found.expected) == len(found.rows)
    assert found.expected.sum() == pytest.approx(len(bad), rel=0.3)


def test_of_three_classes_the_missing_one_is_named() -> None:
    labels = np.where(np.random.default_rng(5).random(2_000) < 0.25, 2, GIVEN.target)
    within = (NUMBERS[:, 3] < -0.3) & (TEXTS[:, 0] == "north")
    labels[within & (labels == 1)] = 2
    assert find_slices(GIVEN.inputs, labels, 0)[0].source == 1


def test_a_slice_that_is_different_by_nature_is_left_alone() -> None:
    rng = np.random.default_rng(3)
    within = (NUMBERS[:, 3] > 0.5) & (TEXTS[:, 0] == "south")
    score = NUMBERS[:, 0] + NUMBERS[:, 1] - 0.8 * NUMBERS[:, 2] - 1.2 * within
    labels = (rng.random(2_000) < 1 / (1 + np.exp(-1.5 * score))).astype(np.int64)
    assert find_slices(GIVEN.inputs, labels, 0) == ()
