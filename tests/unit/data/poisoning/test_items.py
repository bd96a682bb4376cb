import numpy as np
import pytest

from secmlops.data.poisoning.items import MOST_ITEMS, Coded, coded_columns
from secmlops.runtime.signature import Inputs

ROWS = 400
MEASURED = np.random.default_rng(0).normal(size=ROWS).astype(np.float32)


def coded(numbers: np.ndarray, least: int = 10) -> Coded:
    return coded_columns(Inputs(numbers.astype(np.float32)[:, None], np.empty((len(numbers), 0), object)), least)[0]


def test_what_hardly_repeats_falls_into_bins() -> None:
    column = coded(MEASURED)
    assert column.items == 0
    counts = np.bincount(column.codes)
    assert len(counts) == 16
    assert counts.min() >= 20


def test_a_value_that_repeats_is_an_item_of_its_own() -> None:
    values = MEASURED.copy()
    values[:12] = 0.125
    column = coded(values)
    assert column.items == 1
    assert np.array_equal(np.flatnonzero(column.codes == 0), np.arange(12))
    assert not column.apart[0]


@pytest.mark.parametrize("value", [9.0, -9.0, 1e30])
def test_a_value_far_from_all_others_lies_apart(value: float) -> None:
    values = MEASURED.copy()
    values[:12] = value
    assert coded(values).apart.tolist() == [True]


def test_of_two_values_neither_lies_apart() -> None:
    assert coded(np.arange(ROWS) % 20 == 0).apart.tolist() == [False, False]


def test_missing_numbers_are_one_item_or_one_bin_and_never_apart() -> None:
    values = MEASURED.copy()
    values[:12] = np.nan
    column = coded(values)
    assert column.items == 1
    assert not column.apart[0]
    few = MEASURED.copy()
    few[:3] = np.nan
    column = coded(few)
    assert len(set(column.codes[:3].tolist())) == 1
    assert column.codes[0] not in column.codes[3:]


def test_all_the_same_or_all_missing_is_one_code() -> None:
    for value in (1.0, np.nan):
        column = coded(np.full(50, value))
        assert set(column.codes.tolist()) == {0}
        assert not column.apart[0]


def test_only_the_commonest_values_are_items() -> None:
    column = coded(np.repeat(np.arange(60), 5), least=5)
    assert column.items == MOST_ITEMS
    assert column.codes.max() < column.size


def test_categories_are_items_and_the_rare_ones_share_a_code() -> None:
    texts = np.array(["a"] * 20 + ["b"] * 15 + ["c"] * 3 + ["d"] * 2, object)
    column = coded_columns(Inputs(np.empty((40, 0), np.float32), texts[:, None]), 10)[0]
    assert (column.items, column.size) == (2, 3)
    assert column.codes.tolist() == [0] * 20 + [1] * 15 + [2] * 5


def test_of_many_common_values_those_are_items_that_stand_out_among_their_neighbours() -> None:
    """A hundred values repeat more often than the planted one, each as its neighbours do."""
    values = np.concatenate([np.repeat(np.arange(100), 20), np.repeat(np.arange(100, 200), 4)]).astype(np.float32)
    planted = np.concatenate([values, np.full(15, 150.0), np.full(12, 900.0)])
    column = coded(planted, least=12)
    assert column.items == MOST_ITEMS
    assert (column.codes[planted == 150] < column.items).all()
    assert (column.codes[planted == 900] < column.items).all()
    assert column.apart.sum() == 1


def test_a_table_of_one_value_has_no_neighbours() -> None:
    assert coded(np.full(20, 3.0), least=5).items == 1
