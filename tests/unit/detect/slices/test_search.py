"""Planted slices are found, honest tables show none, and the bound holds."""

import math

import numpy as np
import pytest

from secmlops.detect.slices.grid import axes
from secmlops.detect.slices.search import Demand, bennett, count_tried, find_slices
from secmlops.runtime.signature import Inputs


def table(rows: int, columns: int, seed: int) -> Inputs:
    numbers = np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)
    return Inputs(numbers, np.empty((rows, 0), object))


def wrong(chance: np.ndarray, seed: int) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(chance)) < chance).astype(np.float64)


@pytest.mark.parametrize("seed", range(4))
def test_a_slice_of_one_percent_that_two_columns_bound_is_found(seed: int) -> None:
    inputs = table(50_000, 6, seed)
    inside = (inputs.numeric[:, 2] > 1.282) & (np.abs(inputs.numeric[:, 4]) < 0.126)
    assert 0.008 < inside.mean() < 0.012
    grid = axes(inputs, 20)
    first = find_slices(grid, wrong(np.where(inside, 0.4, 0.1), seed), Demand())[0]
    assert {axis for axis, _ in first.places} == {2, 4}
    assert inside[first.rows].sum() > 0.7 * inside.sum()
    assert first.loss > 0.2
    assert first.p_value < 1e-6


def test_one_column_alone_is_told_where_the_second_adds_nothing() -> None:
    inputs = table(5_000, 4, 1)
    (found,) = find_slices(axes(inputs), wrong(np.where(inputs.numeric[:, 3] > 1, 0.5, 0.1), 1), Demand())
    assert [axis for axis, _ in found.places] == [3]


def test_a_category_is_a_slice() -> None:
    texts = np.array(["red", "green", "blue", "grey"], object)[np.random.default_rng(0).integers(4, size=3_000)]
    inputs = Inputs(table(3_000, 1, 0).numeric, texts[:, None])
    grid = axes(inputs)
    (found,) = find_slices(grid, wrong(np.where(texts == "blue", 0.3, 0.1), 0), Demand())
    ((axis, number),) = found.places
    assert (axis, grid[1].categories[number]) == (1, "blue")
    assert set(texts[found.rows]) == {"blue"}


def test_a_second_slice_stands_on_rows_of_its_own() -> None:
    inputs = table(8_000, 3, 3)
    high, low = inputs.numeric[:, 0] > 1, inputs.numeric[:, 1] < -1
    found = find_slices(axes(inputs), wrong(np.where(high | low, 0.5, 0.1), 3), Demand())
    assert {axis for one in found[:2] for axis, _ in one.places} == {0, 1}
    assert np.isin(np.flatnonzero(high | low), np.concatenate([one.rows for one in found])).mean() > 0.9


def test_rows_that_are_all_alike_show_no_slice() -> None:
    alarmed = [bool(find_slices(axes(table(600, 5, s)), wrong(np.full(600, 0.2), s), Demand())) for s in range(40)]
    assert sum(alarmed) <= 4  # each at most one in twenty: more than 4 of 40 has a chance below 1 %


def test_a_single_column_is_searched_too() -> None:
    inputs = table(4_000, 1, 5)
    (found,) = find_slices(axes(inputs), wrong(np.where(inputs.numeric[:, 0] > 1, 0.5, 0.1), 5), Demand())
    assert len(found.places) == 1
    assert count_tried(axes(inputs)) == 78


def test_slices_smaller_than_asked_for_are_not_told() -> None:
    inputs = table(2_000, 2, 2)
    loss = wrong(np.where(inputs.numeric[:, 0] > 1.5, 0.9, 0.05), 2)
    assert find_slices(axes(inputs), loss, Demand(rows=30))
    assert not find_slices(axes(inputs), loss, Demand(rows=1_100))


def test_a_constant_loss_has_no_slices() -> None:
    assert find_slices(axes(table(100, 2, 0)), np.ones(100), Demand()) == ()
    assert find_slices([], np.ones(100), Demand()) == ()


def test_the_bound_is_never_below_the_true_chance() -> None:
    """Exact binomial tails: the bound on the chance is above them, and within a few powers of ten."""
    rows, usual = 60, 0.1
    for many in (10, 15, 20, 30):
        exact = math.fsum(math.comb(rows, k) * usual**k * (1 - usual) ** (rows - k) for k in range(many, rows + 1))
        nats = bennett(np.array([60.0]), np.array([many / rows]), usual, usual * (1 - usual), 1.0)
        assert exact <= math.exp(-nats[0])
        assert math.exp(-nats[0]) < max(exact * 1e3, exact**0.5)
    assert bennett(np.array([60.0]), np.array([0.05]), usual, 0.09, 1.0)[0] == 0
