"""A Newton step comes within its bound of training again, and within 1e-6 of it for one row."""

import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.training.unlearning.newton import fit, gradient, newton_step

PENALTY = 1.0


def rows(count: int = 30_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    design = np.column_stack([np.ones(count), rng.normal(size=(count, 5))])
    odds = design @ np.array([-0.5, 1.0, -1.0, 0.5, 0.0, 0.2])
    return design, (rng.random(count) < 1 / (1 + np.exp(-odds))).astype(np.float64)


@pytest.mark.parametrize(("gone", "error"), [(1, 1e-6), (20, 1e-3)])
def test_the_step_is_near_training_again(gone: int, error: float) -> None:
    design, target = rows()
    before = fit(design, target, PENALTY)
    step = newton_step(before, design[gone:], target[gone:], PENALTY)
    again = fit(design[gone:], target[gone:], PENALTY)
    distance = float(np.linalg.norm(step.weights - again))
    assert distance / np.linalg.norm(again) <= error
    assert distance < np.linalg.norm(before - again) / 10
    assert 0 < step.residual <= step.bound
    assert distance <= step.distance + 1e-9


def test_the_bound_holds_for_rows_that_weigh_much() -> None:
    design, target = rows(400)
    design[:8, 1:] *= 30
    target[:8] = 1 - target[:8]
    step = newton_step(fit(design, target, PENALTY), design[8:], target[8:], PENALTY)
    assert step.residual <= step.bound
    assert np.linalg.norm(step.weights - fit(design[8:], target[8:], PENALTY)) <= step.distance + 1e-9


def test_the_reference_is_where_the_gradient_vanishes() -> None:
    design, target = rows(500)
    assert np.linalg.norm(gradient(fit(design, target, PENALTY), design, target, PENALTY)) <= 1e-10


def test_what_has_no_bound_is_refused() -> None:
    design, target = rows(50)
    with pytest.raises(InputError, match="positive"):
        newton_step(np.zeros(6), design, target, 0.0)
    with pytest.raises(InputError, match="converge"):
        fit(design, target, PENALTY, tolerance=0.0)
