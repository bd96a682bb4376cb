"""Keys are of the content of rows alone, evenly spread, and different for each row where asked for."""

import numpy as np

from secmlops.runtime.row_keys import drawn, row_keys, told_apart

NUMBERS = np.array([1.5, -0.0, np.nan, 0.0, 1.5], np.float32)
TEXTS = np.array(["a", "b", "", "b", "a"], object)


def test_equal_rows_have_equal_keys_wherever_they_stand() -> None:
    keys = row_keys([NUMBERS, TEXTS], 5)
    assert keys[0] == keys[4]
    assert keys[1] == keys[3]  # zero has one key, with either sign
    assert len(set(keys.tolist())) == 3
    assert row_keys([NUMBERS[::-1], TEXTS[::-1]], 5).tolist() == keys[::-1].tolist()
    assert row_keys([NUMBERS[2:3], TEXTS[2:3]], 1).tolist() == keys[2:3].tolist()


def test_the_place_of_a_value_counts() -> None:
    one, other = np.array([1.0]), np.array([2.0])
    assert row_keys([one, other], 1) != row_keys([other, one], 1)


def test_rows_of_one_content_are_told_apart_in_their_order() -> None:
    keys = row_keys([NUMBERS, TEXTS], 5)
    apart = told_apart(keys)
    assert len(set(apart.tolist())) == 5
    assert told_apart(keys[:4]).tolist() == apart[:4].tolist()
    assert told_apart(keys[:0]).tolist() == []


def test_numbers_are_drawn_evenly_and_anew_for_each_seed() -> None:
    keys = told_apart(row_keys([np.zeros(20_000)], 20_000))
    first, second = drawn(keys, 1), drawn(keys, 2)
    counts = np.histogram(first, 20, (0, 1))[0]
    assert np.sum((counts - 1000) ** 2 / 1000) < 50  # chi squared, 19 degrees of freedom
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03
