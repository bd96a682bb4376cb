"""A forest forgets exactly: the trees that see the same rows stay, the others are those of training again."""

import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.training.unlearning.forest import Growth, grow, trees_from_arrays, trees_to_arrays, unaffected

GROWTH = Growth(trees=30, share=0.2, seed=9)
RNG = np.random.default_rng(1)
DESIGN = RNG.normal(size=(400, 5)).astype(np.float32)
CLASSES = (DESIGN[:, 0] + RNG.normal(size=400) > 0).astype(np.int64)
QUANTITIES = DESIGN[:, 0].astype(np.float64) + RNG.normal(size=400)
KEYS = RNG.integers(0, 2**63, 400).astype(np.uint64)


@pytest.mark.parametrize("target", [CLASSES, QUANTITIES], ids=["classes", "quantities"])
@pytest.mark.parametrize("gone", [1, 4])
def test_the_affected_trees_alone_are_grown_again_and_equal_a_new_forest(target: np.ndarray, gone: int) -> None:
    arrays = trees_to_arrays(grow(DESIGN, target, KEYS, GROWTH))
    kept = unaffected(KEYS, KEYS[gone:], GROWTH)
    assert 0 < len(kept) < GROWTH.trees
    left = (DESIGN[gone:], target[gone:], KEYS[gone:], GROWTH)
    old = trees_from_arrays(arrays, kept)
    mended, again = grow(*left, old), grow(*left)
    for one, other in zip(mended.estimators_, again.estimators_, strict=True):
        assert np.array_equal(one.tree_.threshold, other.tree_.threshold)
        assert np.array_equal(one.tree_.value, other.tree_.value)
    assert np.array_equal(mended.predict(DESIGN), again.predict(DESIGN))
    assert all((mended.estimators_[n] is old.get(n)) is (n in kept) for n in range(GROWTH.trees))


def test_a_row_that_comes_or_moves_affects_trees_as_one_that_leaves() -> None:
    assert unaffected(KEYS[1:], KEYS, GROWTH) == unaffected(KEYS, KEYS[1:], GROWTH)
    assert unaffected(KEYS, KEYS, GROWTH) == list(range(GROWTH.trees))
    assert unaffected(KEYS, KEYS[::-1], GROWTH) == []


def test_of_equal_rows_any_may_leave() -> None:
    keys = np.concatenate([KEYS[:1], KEYS[:1], KEYS])
    assert unaffected(keys, keys[1:], GROWTH) == unaffected(keys, np.delete(keys, 1), GROWTH)


def test_samples_have_their_share_and_do_not_shift_when_rows_leave() -> None:
    sampled = GROWTH.samples(KEYS)
    assert abs(sampled.mean() - GROWTH.share) < 0.02
    assert np.array_equal(np.delete(sampled, 7, axis=1), GROWTH.samples(np.delete(KEYS, 7)))
    assert not np.array_equal(sampled, Growth(trees=30, share=0.2, seed=10).samples(KEYS))


def test_a_forest_that_cannot_grow_is_refused() -> None:
    with pytest.raises(InputError, match="share"):
        Growth(share=0.0)
    with pytest.raises(InputError, match="no row"):
        grow(DESIGN[:2], CLASSES[:2], KEYS[:2], Growth(trees=50, share=0.01))
