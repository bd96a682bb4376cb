import numpy as np

from secmlops.data.split import join_groups, split_rows


def test_groups_join_over_chains() -> None:
    groups = join_groups(np.array([0, 0, 1, 2, 3]), np.array([0, 1, 1, 2, 3]))
    assert groups.tolist() == [0, 0, 0, 1, 2]


def test_each_class_keeps_its_share() -> None:
    strata = np.array([0] * 90 + [1] * 10)
    train, holdout = split_rows(np.arange(100), strata, 0.3, np.random.default_rng(0))
    assert np.bincount(strata[holdout]).tolist() == [27, 3]
    assert sorted([*train, *holdout]) == list(range(100))


def test_the_seed_decides() -> None:
    def rows(seed: int) -> list[int]:
        return split_rows(np.arange(50), np.zeros(50, np.int64), 0.4, np.random.default_rng(seed))[1].tolist()

    assert rows(1) == rows(1)
    assert rows(1) != rows(2)


def test_groups_stay_whole_and_the_rare_class_is_shared_out() -> None:
    groups = np.repeat(np.arange(40), 5)
    strata = np.zeros(200, np.int64)
    strata[::50] = 1
    train, holdout = split_rows(groups, strata, 0.25, np.random.default_rng(3))
    assert not set(groups[train]) & set(groups[holdout])
    assert set(strata[holdout]) == {0, 1} == set(strata[train])


def test_a_group_larger_than_the_holdout_stays_in_train() -> None:
    groups = np.array([0] * 8 + [1, 2])
    train, holdout = split_rows(groups, np.zeros(10, np.int64), 0.25, np.random.default_rng(0))
    assert set(range(8)) <= set(train.tolist())
    assert set(holdout.tolist()) <= {8, 9}
