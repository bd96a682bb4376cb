from itertools import product

import numpy as np
import pyarrow as pa
import pytest

from secmlops.data.anonymise.attribute import Category, Quantity
from secmlops.data.anonymise.block import Block
from secmlops.data.anonymise.cuts import best_cuts
from secmlops.data.anonymise.privacy import DistinctDiversity
from secmlops.data.anonymise.rules import Constraint, Rules

DRAWS = np.random.default_rng(6)
ROWS, K = 60, 8
CODES = np.stack([DRAWS.integers(0, 30, ROWS), DRAWS.choice(4, ROWS, p=[0.5, 0.3, 0.15, 0.05])]).astype(np.int32)
NODE = (DRAWS.random(ROWS) < 0.4).astype(np.int32)
VALUES = (DRAWS.random((1, ROWS)) < 0.15).astype(np.int32)
ATTRIBUTES = (
    Quantity("age", CODES[0], np.arange(30.0), missing=False),
    Category("job", CODES[1], pa.array(list("abcd")), weight=0.5),
)
CONSTRAINT = Constraint(0, np.bincount(VALUES[0]), (DistinctDiversity(2),))


def spread(rows: list[int], place: int) -> float:
    codes = CODES[place][rows]
    return (codes.max() - codes.min()) / 29 if place == 0 else (len(set(codes)) / 4) * (len(set(codes)) > 1)


def scores(node: int, constrained: bool) -> dict[tuple[int, int], float]:
    """What each cut is worth, by attribute and rows that go left, counted row by row."""
    inside = [row for row in range(ROWS) if NODE[row] == node]
    found = {}
    for place, left in product((0, 1), range(K, len(inside) - K + 1)):
        ordered = sorted(inside, key=lambda row: (CODES[place][row], row))
        sides = ordered[:left], ordered[left:]
        whole = CODES[place][ordered[left - 1]] == CODES[place][ordered[left]]
        if whole and left not in (K, len(inside) - K):
            continue
        if constrained and any(len(set(VALUES[0][side])) < 2 for side in sides):
            continue
        gain = len(inside) * spread(inside, place) - sum(len(side) * spread(side, place) for side in sides)
        share = left / len(inside)
        bits = -share * np.log2(share) - (1 - share) * np.log2(1 - share)
        found[place, left] = gain * ATTRIBUTES[place].weight / np.sqrt(bits)
    return found


@pytest.mark.parametrize("constrained", [False, True])
def test_the_best_cut_of_each_node_is_found(constrained: bool) -> None:
    block = Block(np.arange(ROWS, dtype=np.int32), CODES, VALUES, NODE, 2)
    cuts = best_cuts(block, Rules(ATTRIBUTES, K, (CONSTRAINT,) if constrained else ()))
    for node in (0, 1):
        expected = scores(node, constrained)
        inside = node == NODE
        codes = CODES[cuts.attribute[node]][inside]
        left = np.count_nonzero(codes < cuts.code[node]) + cuts.ties[node]
        assert expected[int(cuts.attribute[node]), int(left)] == pytest.approx(max(expected.values()))


def test_a_node_is_whole_when_every_cut_would_break_a_model() -> None:
    block = Block(np.arange(ROWS, dtype=np.int32), CODES, np.zeros((1, ROWS), np.int32), NODE, 2)
    assert best_cuts(block, Rules(ATTRIBUTES, K, (CONSTRAINT,))).attribute.tolist() == [-1, -1]


def test_rows_that_are_alike_are_not_parted() -> None:
    block = Block(np.arange(ROWS, dtype=np.int32), np.ones((2, ROWS), np.int32), VALUES, NODE, 2)
    assert best_cuts(block, Rules(ATTRIBUTES, K)).attribute.tolist() == [-1, -1]
