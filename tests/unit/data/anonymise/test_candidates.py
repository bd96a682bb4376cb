import numpy as np
import pytest

from secmlops.data.anonymise.block import Block, goes_left, no_cuts
from secmlops.data.anonymise.candidates import MOST_PER_NODE, Sides, candidates
from secmlops.data.anonymise.cells import count_cells

DRAWS = np.random.default_rng(4)
ROWS = 240
CODES = DRAWS.integers(0, 6, ROWS).astype(np.int32) ** 2
VALUES = DRAWS.integers(0, 3, ROWS).astype(np.int32)
NODE = DRAWS.choice(4, ROWS, p=[0.7, 0.2, 0.09, 0.01]).astype(np.int32)
BLOCK = Block(np.arange(ROWS, dtype=np.int32), CODES[np.newaxis], VALUES[np.newaxis], NODE, 4)
CELLS = count_cells(CODES, NODE, 4, 30)


@pytest.mark.parametrize("k", [2, 7, 20])
def test_every_candidate_leaves_k_rows_on_both_sides(k: int) -> None:
    found = candidates(CELLS, BLOCK.sizes, k)
    assert len(found.cell)
    assert (found.left >= k).all()
    assert (BLOCK.sizes[found.node] - found.left >= k).all()
    assert (found.ties >= 1).all()
    assert np.array_equal(found.split, found.ties < CELLS.count[found.cell])


def test_a_cut_goes_through_a_value_that_too_many_rows_have() -> None:
    codes = np.array([0] * 3 + [1] * 94 + [2] * 3, np.int32)
    cells = count_cells(codes, np.zeros(100, np.int32), 1, 3)
    found = candidates(cells, np.array([100]), 10)
    assert sorted(zip(found.cell.tolist(), found.left.tolist(), strict=True)) == [(1, 10), (1, 90)]
    assert sorted(found.ties.tolist()) == [7, 87]


def test_a_node_smaller_than_two_classes_has_no_candidates() -> None:
    cells = count_cells(np.arange(19, dtype=np.int32), np.zeros(19, np.int32), 1, 19)
    assert not len(candidates(cells, np.array([19]), 10).cell)


def test_of_very_many_cells_some_are_tried() -> None:
    rows = 3 * MOST_PER_NODE
    cells = count_cells(np.arange(rows, dtype=np.int32), np.zeros(rows, np.int32), 1, rows)
    assert MOST_PER_NODE // 2 < len(candidates(cells, np.array([rows]), 10).cell) <= MOST_PER_NODE + 2


@pytest.mark.parametrize("k", [2, 7, 20])
def test_sides_count_what_the_cut_then_does(k: int) -> None:
    found = candidates(CELLS, BLOCK.sizes, k)
    assert found.split.any()
    left, right = Sides(found, CELLS, BLOCK, 0, 30).count(0, 3)
    for place in range(len(found.cell)):
        cuts = no_cuts(4)
        node = found.node[place]
        cuts.code[node], cuts.ties[node] = CELLS.code[found.cell[place]], found.ties[place]
        cuts.split[node] = found.split[place]
        inside = np.flatnonzero(node == NODE)
        goes = goes_left(CODES, NODE, cuts)[inside]
        assert np.count_nonzero(goes) == found.left[place]
        assert left[place].tolist() == np.bincount(VALUES[inside[goes]], minlength=3).tolist()
        assert right[place].tolist() == np.bincount(VALUES[inside[~goes]], minlength=3).tolist()
