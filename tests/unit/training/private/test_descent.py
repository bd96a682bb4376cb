"""Descent: its sensitivity, its optimum without noise, and what becomes of it with too much."""

from collections.abc import Callable

import msgspec
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from secmlops.training.private.descent import Loss, clipped, descend, huber, logistic
from secmlops.training.private.noise import Noise
from secmlops.training.private.plan import Plan

pytestmark = pytest.mark.usefixtures("foreseen")


def losses(target: np.ndarray) -> list[Loss]:
    return [logistic(target % 2, 2), logistic(target, 3), huber(target - 1.0)]


@pytest.mark.parametrize("place", range(3), ids=["two classes", "three classes", "quantity"])
@pytest.mark.parametrize("norm", [0.5, 5.0])
def test_no_row_changes_a_gradient_by_more_than_is_hidden(place: int, norm: float) -> None:
    draw = np.random.default_rng(3)
    design = draw.normal(0, 20, (300, 4))
    loss = losses(draw.integers(0, 3, 300))[place]
    weights = draw.normal(0, 10, (loss.outputs, 4))
    slopes = loss.derivative(clipped(design, norm) @ weights.T)
    own = np.linalg.norm(slopes, axis=1) * np.linalg.norm(clipped(design, norm), axis=1)
    assert own.max() <= norm * loss.widest * (1 + 1e-12)
    assert own.max() > 0.9 * norm * loss.widest, "the bound is wider than it need be"


def test_without_noise_it_comes_near_the_optimum(bare: Callable[..., Plan], problem: Callable) -> None:
    draw = np.random.default_rng(0)
    design = np.column_stack([draw.uniform(-1, 1, (2000, 3)), np.ones(2000)])
    target = (draw.random(2000) < 1 / (1 + np.exp(-(design @ [2.0, -1.0, 0.0, 0.5])))).astype(np.int64)
    plan = msgspec.structs.replace(bare(problem()[1]), clip_norm=2.0, steps=400)
    (weights,) = descend(design, logistic(target, 2), plan, 2000.0, Noise())
    exact = LogisticRegression(C=1e6, fit_intercept=False).fit(design, target).coef_[0]
    assert np.abs(weights - exact).max() < 0.1


def test_more_noise_than_rows_gives_small_weights_not_large_ones(
    planned: Callable[..., Plan], problem: Callable
) -> None:
    plan = planned(problem()[1], epsilon=0.01)
    weights = descend(np.ones((5, 6)), logistic(np.zeros(5, np.int64), 2), plan, 1.0, Noise())
    assert np.isfinite(weights).all()
