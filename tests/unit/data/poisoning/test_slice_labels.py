import numpy as np
import pytest

from secmlops.data.poisoning.slice_labels import LIKELIER, flipped_rather_than_shifted, likely_flipped

RNG = np.random.default_rng(0)
EXPECTED = RNG.beta(0.8, 0.8, 400)
TRUE = RNG.random(400) < EXPECTED


@pytest.mark.parametrize("left", [0.0, 0.1, 0.3])
def test_flips_are_told_from_a_shift(left: float) -> None:
    held = TRUE & (RNG.random(400) < left)
    assert flipped_rather_than_shifted(EXPECTED, held) > LIKELIER


@pytest.mark.parametrize("shift", [-0.5, -1.0, -2.0])
def test_a_shift_is_told_from_flips(shift: float) -> None:
    odds = np.log(EXPECTED / (1 - EXPECTED)) + shift
    held = np.random.default_rng(1).random(400) < 1 / (1 + np.exp(-odds))
    assert flipped_rather_than_shifted(EXPECTED, held) < 0


def test_the_likely_rows_are_the_flipped_ones() -> None:
    chosen = likely_flipped(EXPECTED, np.zeros(400, bool))
    hits = np.count_nonzero(chosen & TRUE)
    assert 2 * hits / (chosen.sum() + TRUE.sum()) > 0.7
    assert EXPECTED[chosen].min() >= EXPECTED[~chosen].max()


def test_a_row_that_kept_its_label_is_not_flipped() -> None:
    held = EXPECTED > 0.9
    assert not (likely_flipped(EXPECTED, held) & held).any()


def test_certain_probabilities_overflow_nothing() -> None:
    assert np.isfinite(flipped_rather_than_shifted(np.array([0.0, 1.0]), np.array([True, False])))
