import numpy as np

from secmlops.data.copies import find_copies


def test_equal_rows_get_equal_codes() -> None:
    found = find_copies([np.array([1.0, 1.0, 2.0, np.nan, np.nan]), np.array(["a", "a", "a", "b", "b"], object)], 5)
    assert found.codes.tolist() == [0, 0, 1, 2, 2]


def test_a_few_copies_among_different_rows_are_copies() -> None:
    values = np.concatenate([np.arange(100.0), np.arange(10.0)])
    assert not find_copies([values], 110).by_chance.any()


def test_columns_of_few_values_make_rows_equal_by_chance() -> None:
    rng = np.random.default_rng(6)
    columns = [rng.integers(0, 3, 500) for _ in range(4)]
    assert find_copies(columns, 500).by_chance.all()


def test_a_table_copied_over_and_over_is_no_chance() -> None:
    once = np.random.default_rng(6).normal(size=(2, 60))
    assert not find_copies([np.tile(column, 5) for column in once], 300).by_chance.any()


def test_a_crowd_of_equal_rows_is_chance_and_the_others_are_not() -> None:
    values = np.concatenate([np.full(100, np.nan), np.arange(100.0), np.arange(5.0)])
    assert find_copies([values], 205).by_chance.tolist() == [True] * 100 + [False] * 105
