import numpy as np

from kits.poison_world import examples
from secmlops.attack.poisoning.influence import duplicate
from secmlops.data.poisoning.copies_that_weigh import find_weighty_copies
from secmlops.runtime.signature import Inputs

GIVEN = examples(1_500, noise=0.1)


def test_copies_with_a_wrong_label_are_found() -> None:
    poisoned = duplicate(GIVEN, 0.03, 4, np.random.default_rng(2))
    found = find_weighty_copies(poisoned.examples.inputs, poisoned.examples.target, 0)
    rows = np.concatenate([one.rows for one in found])
    assert np.isin(rows, np.flatnonzero(poisoned.bad)).mean() > 0.9
    assert poisoned.bad[rows].sum() >= 0.45 * poisoned.bad.sum()
    assert all(one.expected < 0.25 for one in found)


def test_copies_with_a_right_label_are_left_alone() -> None:
    rows = np.append(np.arange(1_400), np.repeat(np.arange(10), 10))
    copied = GIVEN.take(rows)
    assert find_weighty_copies(copied.inputs, copied.target, 0) == ()


def test_an_honest_table_has_none() -> None:
    assert find_weighty_copies(GIVEN.inputs, GIVEN.target, 0) == ()


def test_rows_of_few_values_are_equal_by_chance() -> None:
    coarse = Inputs(GIVEN.inputs.numeric[:, :0], GIVEN.inputs.categorical)
    assert find_weighty_copies(coarse, GIVEN.target, 0) == ()


def test_where_every_row_has_copies_nothing_is_left_to_judge_by() -> None:
    four = GIVEN.take(np.tile(np.arange(100), 4))
    assert find_weighty_copies(four.inputs, four.target, 0) == ()
