import numpy as np
import pytest

from secmlops.data.poisoning.items import Coded
from secmlops.data.poisoning.lift import MOST, Lift

RNG = np.random.default_rng(0)
ROWS = 2_000
CODES = RNG.integers(0, 6, (ROWS, 4))


def learned(codes: np.ndarray) -> Lift:
    columns = [Coded(codes[:, place], 6, 6, np.zeros(6, bool)) for place in range(codes.shape[1])]
    return Lift.of(columns, 5, np.random.default_rng(1))


def held(codes: np.ndarray, places: tuple[int, ...]) -> np.ndarray:
    return np.flatnonzero((codes[:, places] == codes[0, places]).all(axis=1))


@pytest.mark.parametrize("places", [(0, 1), (0, 1, 2)])
def test_columns_that_know_nothing_of_each_other_lift_nothing(places: tuple[int, ...]) -> None:
    assert learned(CODES).nats(places, held(CODES, places)) < 4


@pytest.mark.parametrize("places", [(0, 1), (0, 1, 2)])
def test_a_planted_combination_is_lifted(places: tuple[int, ...]) -> None:
    codes = CODES.copy()
    codes[:120, :3] = 5
    assert learned(codes).nats(places, held(codes, places)) == MOST


def test_a_single_value_says_nothing_by_its_count() -> None:
    assert learned(CODES).nats((0,), held(CODES, (0,))) == 0


def test_where_columns_go_together_by_nature_a_lift_is_nothing_special() -> None:
    codes = CODES.copy()
    codes[:, 1] = np.where(RNG.random(ROWS) < 0.7, codes[:, 0], codes[:, 1])
    codes[:, 3] = np.where(RNG.random(ROWS) < 0.7, codes[:, 2], codes[:, 3])
    usual = learned(codes)
    assert usual.spread[1] > 5
    assert usual.nats((0, 1), held(codes, (0, 1))) < MOST / 2


def test_fewer_than_expected_is_no_lift() -> None:
    codes = CODES.copy()
    codes[:, 1] = np.where(codes[:, 0] == codes[0, 0], (codes[:, 1] + 1) % 6, codes[:, 1])
    codes[codes[:, 1] == codes[0, 1], 0] = (codes[0, 0] + 1) % 6
    codes[0] = CODES[0]
    assert learned(codes).nats((0, 1), np.array([0])) == pytest.approx(0, abs=3)


def test_one_column_has_no_combinations() -> None:
    assert learned(CODES[:, :1]).spread == (1.0, 1.0, 1.0)
