import numpy as np
import pytest

from secmlops.data.poisoning.planted_labels import (
    log_odds,
    planted_rather_than_expected,
    planted_rather_than_shifted,
    shift_of,
)

UNLIKELY = np.full(40, -2.0)
MIXED = np.tile([-4.0, 0.0], 20)


def test_all_of_one_class_against_all_odds_are_planted() -> None:
    every = np.ones(40, bool)
    assert planted_rather_than_shifted(UNLIKELY, every, 0.0, 1.0) > 8
    assert planted_rather_than_expected(UNLIKELY, every) == pytest.approx(40 * np.log(1 + np.exp(2)), abs=0.1)


def test_a_shift_of_the_odds_keeps_the_unlikely_rows_from_the_class() -> None:
    """Nearly all of the likely half change class, of the unlikely half few do: nobody planted that."""
    hit = np.where(MIXED == 0, np.arange(40) >= 4, np.arange(40) >= 36)
    assert planted_rather_than_shifted(MIXED, hit, 0.0, 1.0) < 0


def test_what_other_values_do_as_well_is_no_evidence() -> None:
    every = np.ones(40, bool)
    alone = planted_rather_than_shifted(UNLIKELY, every, 0.0, 1.0)
    assert planted_rather_than_shifted(UNLIKELY, every, 3.0, 1.0) < alone
    assert planted_rather_than_shifted(UNLIKELY, every, 0.0, 3.0) < alone


def test_a_few_rows_that_held_the_values_by_nature_do_not_hide_the_others() -> None:
    hit = np.arange(40) >= 4
    assert planted_rather_than_expected(UNLIKELY, hit) > 50


def test_labels_as_expected_are_no_evidence() -> None:
    hit = np.random.default_rng(0).random(400) < 0.5
    assert planted_rather_than_shifted(np.zeros(400), hit, 0.0, 1.0) < 0


@pytest.mark.parametrize("odds", [-1.5, 0.0, 1.5])
def test_the_shift_of_many_rows_is_found(odds: float) -> None:
    logits = np.random.default_rng(0).normal(size=4_000)
    hit = np.random.default_rng(1).random(4_000) < 1 / (1 + np.exp(-logits - odds))
    assert shift_of(logits, hit) == pytest.approx(odds, abs=0.15)


def test_no_rows_have_no_shift_and_few_a_bounded_one() -> None:
    assert shift_of(np.empty(0), np.empty(0, bool)) == 0
    assert 0 < shift_of(np.full(9, -9.0), np.ones(9, bool)) <= 4


def test_nothing_is_certain() -> None:
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()
