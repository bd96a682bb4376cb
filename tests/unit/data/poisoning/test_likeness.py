import numpy as np
import pytest

from secmlops.data.poisoning.additive import Additive
from secmlops.data.poisoning.items import Coded
from secmlops.data.poisoning.itemsets import Bounds, Itemset, Kind
from secmlops.data.poisoning.likeness import Likeness

ROWS = 2_000
RNG = np.random.default_rng(0)
CODES = RNG.integers(0, 20, (ROWS, 3))
EVENT = RNG.random(ROWS) < 1 / (1 + np.exp(-(CODES[:, 1] - 5) / 3))  # a quarter of the rows are not of the class


def likeness(codes: np.ndarray, least: int = 5) -> Likeness:
    columns = [Coded(column, 20, 20, np.zeros(20, bool), np.zeros(20)) for column in codes.T]
    return Likeness.of(columns, [Additive.fit(columns, EVENT)], Bounds(least, ROWS // 2))


def told(rows: np.ndarray, codes: np.ndarray = CODES) -> float:
    return likeness(codes).nats(Itemset(Kind.NUMBER, (0,), 0, np.sort(rows), len(rows), 0.0), EVENT)


def test_rows_drawn_from_other_classes_look_like_them() -> None:
    assert told(RNG.choice(np.flatnonzero(~EVENT), 30, replace=False)) > 5


def test_rows_drawn_from_all_do_not_and_speak_little_against_it() -> None:
    values = [told(RNG.choice(ROWS, 30, replace=False)) for _ in range(10)]
    assert max(values) < 1
    assert min(values) == pytest.approx(np.log(0.75), abs=0.01)


def test_where_values_shift_the_others_by_nature_likeness_tells_less() -> None:
    codes = CODES.copy()
    codes[:, 0] = (codes[:, 1] + RNG.integers(0, 4, ROWS)).clip(max=19)
    rows = np.flatnonzero(~EVENT)[:30]
    assert told(rows, codes) < told(rows) / 2
    assert likeness(codes).shifts[0] > 2 * likeness(CODES).shifts[0]


def test_of_a_table_with_few_values_nothing_is_known_and_of_one_class_nothing_told() -> None:
    assert likeness(CODES, least=ROWS).shifts.tolist() == [1, 1, 1]
    everything = Itemset(Kind.NUMBER, (0,), 0, np.flatnonzero(~EVENT), 0, 0.0)
    assert likeness(CODES).nats(everything, EVENT) == 0
