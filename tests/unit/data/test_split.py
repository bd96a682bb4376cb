"""Rows are divided by their own keys: in the wished shares, whole groups, and the same without some of them."""

import numpy as np

from secmlops.data.split import Codes, join_groups, split_rows
from secmlops.runtime.row_keys import Keys, mixed


def keys(count: int) -> Keys:
    made: Keys = mixed(np.arange(count, dtype=np.uint64))
    return made


def alone(count: int) -> Codes:
    return np.arange(count)


def test_groups_join_over_chains() -> None:
    groups = join_groups(np.array([0, 0, 1, 2, 3]), np.array([0, 1, 1, 2, 3]))
    assert groups.tolist() == [0, 0, 0, 1, 2]


def test_each_class_keeps_about_its_share() -> None:
    strata = np.array([0] * 9000 + [1] * 1000)
    train, holdout = split_rows(alone(10_000), strata, keys(10_000), 0.3, 0)
    common, rare = np.bincount(strata[holdout])
    assert abs(common - 2700) < 4 * 43.5  # four standard deviations of a random sample
    assert abs(rare - 300) < 4 * 14.5
    assert sorted([*train, *holdout]) == list(range(10_000))


def test_the_seed_decides() -> None:
    def rows(seed: int) -> list[int]:
        return split_rows(alone(50), np.zeros(50, np.int64), keys(50), 0.4, seed)[1].tolist()

    assert rows(1) == rows(1)
    assert rows(1) != rows(2)


def test_when_some_leave_the_others_stay_on_their_sides() -> None:
    groups, strata, here = np.repeat(alone(300), 2), alone(600) % 3, keys(600)
    _, before = split_rows(groups, strata, here, 0.25, 5)
    left = np.setdiff1d(alone(600), [0, 1, 100, 101, 598, 599])
    _, after = split_rows(np.unique(groups[left], return_inverse=True)[1], strata[left], here[left], 0.25, 5)
    assert np.array_equal(left[after], np.intersect1d(before, left))


def test_groups_stay_whole_and_the_rare_class_is_shared_out() -> None:
    groups = np.repeat(np.arange(40), 5)
    strata = np.zeros(200, np.int64)
    strata[::50] = 1
    for seed in range(20):
        train, holdout = split_rows(groups, strata, keys(200), 0.25, seed)
        assert not set(groups[train]) & set(groups[holdout])
        assert set(strata[holdout]) == {0, 1} == set(strata[train])


def test_one_of_a_class_stays_in_train() -> None:
    _, holdout = split_rows(alone(20), np.array([1] + [0] * 19), keys(20), 0.5, 1)
    assert 0 not in holdout.tolist()


def test_a_group_larger_than_the_holdout_stays_in_train() -> None:
    groups = np.array([0] * 8 + [1, 2])
    for seed in range(20):
        train, holdout = split_rows(groups, np.zeros(10, np.int64), keys(10), 0.25, seed)
        assert set(range(8)) <= set(train.tolist())
        assert set(holdout.tolist()) <= {8, 9}
