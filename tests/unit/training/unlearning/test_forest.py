"""A forest forgets exactly: the trees that never saw the row stay, the others are those of training again."""

import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.training.unlearning.forest import Growth, forget, grow, samples

GROWTH = Growth(trees=30, share=0.2, seed=9)
RNG = np.random.default_rng(1)
DESIGN = RNG.normal(size=(400, 5))
TARGET = (DESIGN[:, 0] + RNG.normal(size=400) > 0).astype(np.int64)
KEYS = RNG.integers(0, 2**63, 400).astype(np.uint64)


@pytest.mark.parametrize("gone", [1, 4])
def test_the_affected_trees_alone_are_grown_again_and_equal_a_new_forest(gone: int) -> None:
    forest = grow(DESIGN, TARGET, KEYS, 2, GROWTH)
    left, affected = forget(forest, DESIGN[gone:], TARGET[gone:], KEYS[gone:], KEYS[:gone])
    again = grow(DESIGN[gone:], TARGET[gone:], KEYS[gone:], 2, GROWTH)
    for one, other in zip(left.trees, again.trees, strict=True):
        assert np.array_equal(one.tree_.threshold, other.tree_.threshold)
        assert np.array_equal(one.tree_.value, other.tree_.value)
    assert np.array_equal(left.predict(DESIGN), again.predict(DESIGN))
    assert 0 < len(affected) < GROWTH.trees
    assert all((forest.trees[n] is left.trees[n]) is (n not in affected) for n in range(GROWTH.trees))


def test_samples_have_their_share_and_do_not_shift_when_rows_leave() -> None:
    sampled = samples(KEYS, GROWTH)
    assert abs(sampled.mean() - GROWTH.share) < 0.02
    assert np.array_equal(np.delete(sampled, 7, axis=1), samples(np.delete(KEYS, 7), GROWTH))
    assert not np.array_equal(sampled, samples(KEYS, Growth(trees=30, share=0.2, seed=10)))


def test_a_forest_that_cannot_grow_is_refused() -> None:
    with pytest.raises(InputError, match="share"):
        Growth(share=0.0)
    with pytest.raises(InputError, match="no row"):
        grow(DESIGN[:2], TARGET[:2], KEYS[:2], 2, Growth(trees=50, share=0.01))
