"""Ridge regression forgets exactly: taking rows out of the sums is training again."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from secmlops.core.errors import InputError
from secmlops.training.unlearning.statistics import Statistics


def rows(count: int = 300) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    design = rng.normal(size=(count, 6))
    return design, design @ np.arange(6.0) + 4 + rng.normal(size=count)


def test_the_statistics_solve_what_scikit_learn_solves() -> None:
    design, target = rows()
    intercept, coefficients = Statistics.of(design, target).solve(1.5)
    reference = Ridge(alpha=1.5).fit(design, target)
    assert np.allclose(coefficients, reference.coef_, rtol=1e-10)
    assert intercept == pytest.approx(float(reference.intercept_), rel=1e-10)


@pytest.mark.parametrize("gone", [1, 5, 250])
def test_forgetting_is_training_again_without_the_rows(gone: int) -> None:
    design, target = rows()
    left = Statistics.of(design, target).without(design[:gone], target[:gone])
    again = Ridge(alpha=1.0).fit(design[gone:], target[gone:])
    intercept, coefficients = left.solve(1.0)
    assert left.rows == 300 - gone
    assert np.allclose(coefficients, again.coef_, rtol=1e-9, atol=1e-11)
    assert intercept == pytest.approx(float(again.intercept_), rel=1e-9)
    kept, _ = Statistics.of(design, target).solve(1.0)
    assert abs(kept - intercept) > 1e-6  # it did learn from them


def test_what_cannot_be_forgotten_is_refused() -> None:
    design, target = rows(10)
    with pytest.raises(InputError, match="no row would be left"):
        Statistics.of(design, target).without(design, target)
    with pytest.raises(InputError, match="positive"):
        Statistics.of(design, target).solve(0.0)
