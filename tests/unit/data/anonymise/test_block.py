import numpy as np

from secmlops.data.anonymise.block import Block, Cuts, no_cuts

CODES = np.array([[3, 1, 2, 2, 1, 5, 2, 0], [0, 0, 1, 1, 0, 1, 0, 1]], np.int32)
NODE = np.array([0, 0, 0, 0, 1, 1, 0, 2], np.int32)
BLOCK = Block(np.arange(8, dtype=np.int32) * 10, CODES, np.empty((0, 8), np.int32), NODE, 3)


def test_sizes() -> None:
    assert BLOCK.sizes.tolist() == [5, 2, 1]


def test_rows_go_left_up_to_the_code_and_ties_in_their_order() -> None:
    cuts = Cuts(np.array([0, 1, -1]), np.array([2, 0, 0]), np.array([2, 1, 0]), np.array([True, False, False]))
    cut = BLOCK.cut(cuts)
    assert cut.nodes == 5
    assert cut.node.tolist() == [1, 0, 0, 0, 2, 3, 1, 4]
    assert cut.rows is BLOCK.rows


def test_nodes_without_a_cut_stay() -> None:
    cut = BLOCK.cut(no_cuts(3))
    assert cut.nodes == 3
    assert cut.node.tolist() == NODE.tolist()


def test_finished_nodes_are_taken_out() -> None:
    rest, leaves = BLOCK.without(np.array([False, True, True]))
    assert rest.rows.tolist() == [0, 10, 20, 30, 60]
    assert rest.nodes == 1
    assert rest.codes.tolist() == [[3, 1, 2, 2, 2], [0, 0, 1, 1, 0]]
    assert leaves.rows.tolist() == [40, 50, 70]
    assert leaves.node.tolist() == [0, 0, 1]
    assert leaves.count == 2
    empty, everything = BLOCK.without(np.ones(3, bool))
    assert empty.is_empty
    assert everything.count == 3
