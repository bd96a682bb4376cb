import numpy as np
import pytest

from secmlops.data.poisoning.chances import LEAST, Chances
from secmlops.data.poisoning.itemsets import Cells, Kind


def seen(*lifts: float, kind: Kind = Kind.NUMBER) -> Cells:
    return Cells(kind, (0,), np.zeros((len(lifts), 1), int), np.zeros((len(lifts), 2)), np.array(lifts))


def test_what_stands_out_by_its_count_needs_less_evidence() -> None:
    chances = Chances.of([seen(*([0.0] * 1_000), 12.0)])
    assert chances.needed(Kind.NUMBER, 12.0) == LEAST
    assert chances.needed(Kind.NUMBER, 0.0) == pytest.approx(np.log(5 * 1_001))
    assert chances.needed(Kind.NUMBER, 4.0) == chances.needed(Kind.NUMBER, 0.0)


def test_among_much_that_stands_out_nothing_is_special() -> None:
    chances = Chances.of([seen(*([20.0] * 300))])
    assert chances.needed(Kind.NUMBER, 20.0) == pytest.approx(np.log(5 * 300))


def test_a_number_that_lies_apart_does_not_pay_for_the_many_that_do_not() -> None:
    chances = Chances.of([seen(*([0.0] * 1_000)), seen(0.0, kind=Kind.APART), seen(*([0.0] * 20), kind=Kind.CATEGORY)])
    assert chances.needed(Kind.APART, 0.0) == LEAST
    assert chances.needed(Kind.CATEGORY, 0.0) == pytest.approx(np.log(5 * 20))


def test_where_combinations_stand_out_by_nature_their_lift_is_scaled() -> None:
    lifts = np.random.default_rng(0).exponential(30, 500)
    chances = Chances.of([seen(*lifts, kind=Kind.PAIR)])
    assert chances.lift(Kind.PAIR, 30.0) < 4
    assert (chances.tested(Kind.NUMBER), chances.tested(Kind.PAIR)) == (1, np.count_nonzero(lifts >= 8))


def test_no_itemset_at_all_is_no_fault() -> None:
    assert Chances.of([]).needed(Kind.TRIPLE, 0.0) == LEAST
