import numpy as np
import pytest

from secmlops.data.poisoning.additive import Additive, sigmoid
from secmlops.data.poisoning.items import Coded

RNG = np.random.default_rng(0)
ROWS = 4_000
CODES = RNG.integers(0, 4, (ROWS, 3))
EFFECTS = np.array([-1.5, -0.5, 0.5, 1.5])
EVENT = RNG.random(ROWS) < sigmoid(EFFECTS[CODES[:, 0]] + 0.5 * EFFECTS[CODES[:, 1]])
COLUMNS = [Coded(CODES[:, place], 4, 4, np.zeros(4, bool), np.zeros(4)) for place in range(3)]
MODEL = Additive.fit(COLUMNS, EVENT)


def test_effects_are_found() -> None:
    parts = [[MODEL.parts[CODES[:, place] == code, place][0] for code in range(4)] for place in range(3)]
    assert np.allclose(parts[0], EFFECTS, atol=0.25)
    assert np.allclose(parts[1], EFFECTS / 2, atol=0.25)
    assert np.abs(parts[2]).max() < 0.2


def test_probabilities_come_true() -> None:
    assert sigmoid(MODEL.logits).mean() == pytest.approx(EVENT.mean(), abs=0.005)


def test_without_a_column_its_effect_is_gone() -> None:
    rows = np.arange(ROWS)
    left = MODEL.without((0,), rows)
    assert np.ptp([left[CODES[:, 0] == code].mean() for code in range(4)]) < 0.2
    assert np.allclose(MODEL.without((0, 1, 2), rows), (MODEL.logits - MODEL.parts.sum(axis=1))[0])


@pytest.mark.parametrize("event", [np.ones(50, bool), np.zeros(50, bool)])
def test_a_class_that_is_all_or_nothing_is_fitted_too(event: np.ndarray) -> None:
    model = Additive.fit([Coded(np.arange(50) % 2, 2, 2, np.zeros(2, bool), np.zeros(2))], event)
    assert np.allclose(sigmoid(model.logits), event, atol=1e-3)


def test_log_odds_beyond_all_bounds_overflow_nothing() -> None:
    assert sigmoid(np.array([-1e9, 0, 1e9])).tolist() == pytest.approx([0, 0.5, 1])
