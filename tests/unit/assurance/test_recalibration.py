import numpy as np
import pytest
from scipy.stats import linregress
from sklearn.linear_model import LogisticRegression

from secmlops.assurance.recalibration import in_the_large, logistic_line, logit, straight_line

SIX_SIGMA = 1 - 2e-9
"""Confidence of an interval that no seed, order of tests or version of NumPy leaves by chance."""


@pytest.fixture
def rng() -> np.random.Generator:
    """Draws of each test's own: tests run in any order."""
    return np.random.default_rng(12)


def sigmoid(value: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-value))


@pytest.mark.parametrize(("intercept", "slope"), [(0.0, 1.0), (0.7, 0.4), (-2.0, 1.8), (0.0, -0.5)])
def test_the_logistic_line_is_that_of_maximum_likelihood(
    rng: np.random.Generator, intercept: float, slope: float
) -> None:
    odds = rng.normal(size=3000)
    event = rng.random(3000) < sigmoid(intercept + slope * odds)
    line = logistic_line(event, sigmoid(odds))
    reference = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(odds[:, None], event)
    assert line is not None
    assert line.slope == pytest.approx(reference.coef_[0, 0], abs=1e-5)
    assert line.intercept == pytest.approx(reference.intercept_[0], abs=1e-5)
    interval = line.slope_interval(SIX_SIGMA)
    assert interval.low < slope < interval.high


def test_the_slopes_error_is_that_of_many_draws(rng: np.random.Generator) -> None:
    slopes, errors = [], []
    for _ in range(300):
        odds = rng.normal(size=400)
        line = logistic_line(rng.random(400) < sigmoid(odds), sigmoid(odds))
        assert line is not None
        slopes.append(line.slope)
        errors.append(line.slope_error)
    assert np.std(slopes) == pytest.approx(np.mean(errors), rel=0.25)  # six times the error of 300 draws


@pytest.mark.parametrize(
    ("event", "probability"),
    [
        ([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]),  # separated
        ([1, 1, 0, 0], [0.1, 0.2, 0.8, 0.9]),  # the wrong way round
        ([0, 1, 0, 1], [0.1, 0.5, 0.5, 0.9]),  # separated but for a tie
        ([0, 1, 0, 1], [0.4, 0.4, 0.4, 0.4]),  # no difference to learn from
    ],
)
def test_where_no_line_exists_none_is_given(event: list[int], probability: list[float]) -> None:
    assert logistic_line(np.array(event) == 1, np.array(probability)) is None


def test_certain_errors_do_not_break_the_line() -> None:
    probability = np.array([0.0, 1.0, 0.0, 1.0, 0.3, 0.6] * 20)
    event = np.array([False, True, True, False, False, True] * 20)
    line = logistic_line(event, probability)
    assert line is not None
    assert 0 <= line.slope < 0.2


def test_a_full_newton_step_that_overshoots_is_shortened() -> None:
    odds = np.repeat([-0.5, -0.5, 1.0, 1.0, 15.9], [261, 1, 3, 1, 518])
    event = np.repeat([False, True, False, True, True], [261, 1, 3, 1, 518])
    line = logistic_line(event, sigmoid(odds))
    assert line is not None
    residual = event - sigmoid(line.intercept + line.slope * logit(sigmoid(odds)))
    assert residual.sum() == pytest.approx(0, abs=1e-6)
    assert residual @ odds == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("shift", [-3.0, 0.0, 1.5])
def test_calibration_in_the_large_finds_the_shift(rng: np.random.Generator, shift: float) -> None:
    odds = rng.normal(size=40000)
    event = rng.random(40000) < sigmoid(odds + shift)
    assert in_the_large(event, sigmoid(odds)) == pytest.approx(shift, abs=0.13)  # six times its error of 0.021 at -3


def test_logit_keeps_off_infinity() -> None:
    assert np.isfinite(logit(np.array([0.0, 1.0]))).all()
    assert logit(np.array([0.25]))[0] == pytest.approx(np.log(1 / 3))


def test_the_straight_line_is_that_of_least_squares(rng: np.random.Generator) -> None:
    predicted = rng.normal(size=200) + 50
    target = 3 + 0.5 * predicted + rng.normal(size=200)
    line, reference = straight_line(target, predicted), linregress(predicted, target)
    assert line is not None
    assert line.slope == pytest.approx(reference.slope)
    assert line.intercept == pytest.approx(reference.intercept)
    assert line.slope_error == pytest.approx(reference.stderr)


@pytest.mark.parametrize("value", [0.0, 7.0, 1e9])
def test_constant_predictions_have_no_line(value: float) -> None:
    assert straight_line(np.arange(5.0), np.full(5, value)) is None
