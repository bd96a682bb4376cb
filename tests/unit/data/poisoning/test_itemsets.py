from itertools import combinations

import numpy as np
import pytest

from secmlops.data.poisoning import itemsets
from secmlops.data.poisoning.items import Coded
from secmlops.data.poisoning.itemsets import Bounds, Cells, Kind, cells

ROWS = 1_000
RNG = np.random.default_rng(0)
CODES = RNG.integers(0, 8, (ROWS, 4))
LABELS = RNG.integers(0, 3, ROWS)


def columns_of(codes: np.ndarray, items: int = 8) -> list[Coded]:
    return [Coded(column, items, 8, np.zeros(items, bool), np.zeros(items)) for column in codes.T]


def searched(codes: np.ndarray, bounds: Bounds) -> dict[tuple[int, ...], Cells]:
    return {one.places: one for one in cells(columns_of(codes), LABELS, bounds)}


@pytest.mark.parametrize("places", [(1,), (0, 3), (0, 2, 3)])
def test_every_combination_is_counted_by_class_and_its_rows_found(places: tuple[int, ...]) -> None:
    found = searched(CODES, Bounds(3, ROWS))[places]
    for number, values in enumerate(found.values):
        rows = np.flatnonzero((CODES[:, places] == values).all(axis=1))
        one = found.itemset(columns_of(CODES), number, 2)
        assert one.rows.tolist() == rows.tolist()
        assert found.hits[number].tolist() == np.bincount(LABELS[rows], minlength=3).tolist()
        assert (one.places, one.hits) == (places, found.hits[number, 2])
    wanted = [c for c in np.unique(CODES[:, places], axis=0, return_counts=True)[1] if c >= 3]
    assert len(found.values) == len(wanted)


def test_sets_outside_of_the_bounds_are_left_alone() -> None:
    codes = CODES.copy()
    codes[:, 0] = np.where(np.arange(ROWS) < 30, 3, 0)
    assert 3 not in searched(codes, Bounds(31, ROWS))[0,].values
    assert (0,) not in searched(codes, Bounds(31, 500))


def test_bins_are_no_items() -> None:
    assert not list(cells(columns_of(CODES, 0), LABELS, Bounds(5, 500)))
    assert all(one.values.max() < 4 for one in cells(columns_of(CODES, 4), LABELS, Bounds(2, ROWS)))


def test_a_wide_table_is_not_searched_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(itemsets, "MOST_SETS", 3)
    found = list(searched(CODES, Bounds(3, ROWS)))
    assert [len([places for places in found if len(places) == width]) for width in (1, 2, 3)] == [3, 3, 0]


def test_a_number_counts_as_its_neighbours_make_it_and_is_of_another_kind_where_it_lies_apart() -> None:
    column = Coded(CODES[:, 0], 8, 8, np.arange(8) == 5, np.arange(8.0))
    apart, others = cells([column], LABELS, Bounds(3, ROWS))
    assert (apart.kind, apart.values.tolist(), apart.lift.tolist()) == (Kind.APART, [[5]], [5])
    assert (others.kind, others.lift.tolist()) == (Kind.NUMBER, [0, 1, 2, 3, 4, 6, 7])
    assert apart.itemset([column], 0, 1).kind is Kind.APART


def test_categories_and_combinations_are_kinds_of_their_own() -> None:
    columns = [*columns_of(CODES[:, :2]), Coded(CODES[:, 2], 8, 8, np.zeros(8, bool), np.zeros(8), True)]
    found = {one.places: one.kind for one in cells(columns, LABELS, Bounds(3, ROWS))}
    assert (found[0,], found[2,]) == (Kind.NUMBER, Kind.CATEGORY)
    assert (found[1, 2], found[0, 1, 2]) == (Kind.PAIR, Kind.TRIPLE)


def test_a_planted_triple_is_lifted_above_all_others() -> None:
    codes = CODES.copy()
    codes[:30, :3] = 3
    lifts = {places: one.lift.max() for places, one in searched(codes, Bounds(5, 500)).items()}
    assert max((p for p in lifts if len(p) == 3), key=lifts.__getitem__) == (0, 1, 2)
    assert all(lifts[pair] > 10 for pair in combinations(range(3), 2))
