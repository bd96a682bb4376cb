import numpy as np
import pytest

from secmlops.data.poisoning.chances import Chances
from secmlops.data.poisoning.itemsets import Cells


def seen(*lifts: float, columns: int = 1) -> Cells:
    return Cells(
        tuple(range(columns)), np.zeros((len(lifts), columns), int), np.zeros((len(lifts), 2)), np.array(lifts)
    )


def test_what_stands_out_by_its_count_needs_less_evidence() -> None:
    chances = Chances.of([seen(*([0.0] * 1_000), 12.0)])
    assert chances.needed(1, 12.0) == 3
    assert chances.needed(1, 0.0) == pytest.approx(np.log(10 * 1_001))
    assert chances.needed(1, 4.0) == chances.needed(1, 0.0)


def test_among_much_that_stands_out_nothing_is_special() -> None:
    chances = Chances.of([seen(*([20.0] * 300))])
    assert chances.needed(1, 20.0) == pytest.approx(np.log(10 * 300))


def test_where_combinations_stand_out_by_nature_their_lift_is_scaled() -> None:
    lifts = np.random.default_rng(0).exponential(30, 500)
    chances = Chances.of([seen(*lifts, columns=2)])
    assert chances.lift(2, 30.0) < 4
    assert (chances.tested(1), chances.tested(2)) == (1, np.count_nonzero(lifts >= 8))


def test_no_itemset_at_all_is_no_fault() -> None:
    assert Chances.of([]).needed(3, 0.0) == 3
