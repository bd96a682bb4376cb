import numpy as np
import pytest

from secmlops.data.anonymise import mondrian
from secmlops.data.anonymise.attribute import Quantity
from secmlops.data.anonymise.mondrian import partition
from secmlops.data.anonymise.privacy import DistinctDiversity
from secmlops.data.anonymise.rules import Constraint, Rules

ROWS = 3_000
DRAWS = np.random.default_rng(8)
CODES = DRAWS.integers(0, 400, (3, ROWS)).astype(np.int32)
VALUES = DRAWS.choice(4, (1, ROWS), p=[0.7, 0.2, 0.07, 0.03]).astype(np.int32)
ATTRIBUTES = tuple(Quantity(f"q{i}", codes, np.arange(400.0), missing=False) for i, codes in enumerate(CODES))
CONSTRAINT = Constraint(0, np.bincount(VALUES[0]), (DistinctDiversity(3),))


@pytest.mark.parametrize("k", [2, 5, 50, 1_501])
def test_every_class_has_k_rows_and_hardly_more(k: int) -> None:
    sizes = np.bincount(partition(Rules(ATTRIBUTES, k), VALUES))
    assert sizes.sum() == ROWS
    assert sizes.min() >= k
    assert sizes.max() < 2 * k or k == 1_501


def test_every_class_satisfies_the_constraint() -> None:
    classes = partition(Rules(ATTRIBUTES, 5, (CONSTRAINT,)), VALUES)
    assert all(len(np.unique(VALUES[0][classes == c])) >= 3 for c in range(classes.max() + 1))
    assert classes.max() > 30


def test_blocks_and_processors_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = Rules(ATTRIBUTES, 5, (CONSTRAINT,))
    whole = partition(rules, VALUES)
    monkeypatch.setattr(mondrian, "_BLOCK_COUNTS", 200 * 5)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    blocks = partition(rules, VALUES)
    assert len(set(zip(whole.tolist(), blocks.tolist(), strict=True))) == whole.max() + 1 == blocks.max() + 1


def test_a_table_that_cannot_be_cut_is_one_class(monkeypatch: pytest.MonkeyPatch) -> None:
    alike = tuple(Quantity("q", np.zeros(ROWS, np.int32), np.zeros(1), missing=False) for _ in range(2))
    assert not partition(Rules(alike, 5), VALUES).any()
    monkeypatch.setattr(mondrian, "_BLOCK_ROWS", 200)
    assert not partition(Rules(alike, 5), VALUES).any()
