import numpy as np

from secmlops.detect.slices.grid import CUTS, axes
from secmlops.runtime.signature import Inputs

NUMBERS = np.random.default_rng(0).normal(size=(1_200, 1)).astype(np.float32)
NOTHING = np.empty((1_200, 0), object)


def test_numbers_are_cut_into_as_many_rows_each() -> None:
    (axis,) = axes(Inputs(NUMBERS, NOTHING))
    counts = np.bincount(axis.codes)
    assert len(counts) == CUTS
    assert counts.min() >= 99


def test_a_range_is_a_run_of_neighbours_and_the_last_is_everything() -> None:
    (axis,) = axes(Inputs(NUMBERS, NOTHING))
    assert len(axis.starts) == CUTS * (CUTS + 1) // 2
    assert axis.within(len(axis.starts) - 1).all()
    for number in range(len(axis.starts) - 1):
        held = axis.within(number)
        values = NUMBERS[held, 0]
        assert 0 < held.sum() < 1_200
        assert held.sum() == ((NUMBERS[:, 0] >= values.min()) & (NUMBERS[:, 0] <= values.max())).sum()


def test_missing_numbers_belong_to_everything_only() -> None:
    numbers = NUMBERS.copy()
    numbers[:50] = np.nan
    (axis,) = axes(Inputs(numbers, NOTHING))
    inside = [axis.within(number)[:50].any() for number in range(len(axis.starts))]
    assert inside == [False] * (len(inside) - 1) + [True]


def test_a_column_of_missing_numbers_is_one_place() -> None:
    (axis,) = axes(Inputs(np.full((10, 1), np.nan, np.float32), np.empty((10, 0), object)))
    assert axis.within(len(axis.starts) - 1).all()


def test_each_common_category_is_a_range_and_the_rest_is_not() -> None:
    texts = np.repeat(np.array([f"c{number:02}" for number in range(20)], object), np.arange(40, 20, -1))
    (axis,) = axes(Inputs(np.empty((len(texts), 0), np.float32), texts[:, None]))
    assert len(axis.starts) == CUTS + 1
    assert [len(set(texts[axis.within(number)])) for number in range(CUTS)] == [1] * CUTS
    assert axis.within(CUTS).all()
