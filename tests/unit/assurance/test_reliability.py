import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from secmlops.assurance import reliability
from secmlops.assurance.reliability import Reliability

RNG = np.random.default_rng(6)


def drawn(rows: int, distortion: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and outcomes; a distortion of 1 is perfect calibration."""
    probability = RNG.beta(2, 3, rows)
    truth = probability**distortion / (probability**distortion + (1 - probability) ** distortion)
    return probability, (RNG.random(rows) < truth).astype(float)


def test_bins_hold_equal_mass() -> None:
    probability, outcome = drawn(1500)
    bins = Reliability.of(probability, outcome, 15)
    assert bins.rows.tolist() == [100.0] * 15
    assert (np.diff(bins.predicted) > 0).all()
    assert bins.share.sum() == pytest.approx(1)


def test_equal_predictions_share_a_bin_in_any_order() -> None:
    probability = np.repeat([0.1, 0.5, 0.9], [500, 30, 470])
    outcome = (RNG.random(1000) < probability).astype(float)
    bins = Reliability.of(probability, outcome, 15)
    assert bins.predicted == pytest.approx([0.1, 0.5, 0.9])
    shuffled = RNG.permutation(1000)
    assert reliability.expected_error(Reliability.of(probability[shuffled], outcome[shuffled], 15)) == pytest.approx(
        reliability.expected_error(bins)
    )


def test_errors_of_known_bins() -> None:
    probability = np.repeat([0.2, 0.8], [10, 30])
    outcome = np.concatenate([np.repeat([1, 0], [5, 5]), np.repeat([1, 0], [21, 9])])  # 0.5 and 0.7 observed
    bins = Reliability.of(probability, outcome.astype(float), 15)
    assert reliability.expected_error(bins) == pytest.approx(0.25 * 0.3 + 0.75 * 0.1)
    assert reliability.maximum_error(bins) == pytest.approx(0.3)


def test_the_debiased_error_forgives_chance_and_keeps_real_errors() -> None:
    plain, debiased = [], []
    for _ in range(40):
        bins = Reliability.of(*drawn(600), 15)
        plain.append(reliability.expected_error(bins))
        debiased.append(reliability.expected_error_debiased(bins))
    assert np.mean(plain) > 0.05
    assert np.mean(debiased) < 0.7 * np.mean(plain)
    off = Reliability.of(*drawn(20000, distortion=3), 15)
    assert reliability.expected_error_debiased(off) == pytest.approx(reliability.expected_error(off), rel=0.05)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=60), st.integers(2, 20))
def test_the_debiased_error_lies_between_zero_and_the_plain_one(rows: list[tuple[float, bool]], count: int) -> None:
    bins = Reliability.of(np.array([p for p, _ in rows]), np.array([float(o) for _, o in rows]), count)
    assert 0 <= reliability.expected_error_debiased(bins) <= reliability.expected_error(bins) + 1e-12


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=60), st.integers(2, 20))
def test_the_parts_of_the_brier_score_add_up(rows: list[tuple[float, bool]], count: int) -> None:
    probability, outcome = np.array([p for p, _ in rows]), np.array([float(o) for _, o in rows])
    parts = reliability.brier_parts(Reliability.of(probability, outcome, count))
    assert parts.reliability - parts.resolution + parts.uncertainty == pytest.approx(
        np.mean((probability - outcome) ** 2)
    )


@pytest.mark.parametrize(("right", "rows"), [(0, 5), (3, 10), (10, 10), (480, 1000)])
def test_wilson_interval_agrees_with_scipy(right: int, rows: int) -> None:
    low, high = reliability.wilson_interval(np.array([right / rows]), np.array([float(rows)]), 0.95)
    expected = binomtest(right, rows).proportion_ci(0.95, method="wilson")
    assert (low[0], high[0]) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_the_interval_of_a_mean_narrows_with_the_root_of_the_rows() -> None:
    target = RNG.normal(size=4000)
    bins = Reliability.of(np.repeat([1.0, 2.0], [1000, 3000]), target, 2)
    low, high = reliability.mean_interval(bins, 0.95)
    assert (high - low) == pytest.approx(2 * 1.96 / np.sqrt([1000, 3000]), rel=0.08)


def test_the_diagram_is_plain_json() -> None:
    bins = Reliability.of(np.repeat([0.25, 0.75], [4, 8]), np.array([1.0] + [0.0] * 3 + [1.0] * 6 + [0.0] * 2), 5)
    low, high = np.array([0.1, 0.5]), np.array([0.6, 0.9])
    assert reliability.diagram(bins, low, high) == [
        {"predicted": 0.25, "observed": 0.25, "low": 0.1, "high": 0.6, "rows": 4},
        {"predicted": 0.75, "observed": 0.75, "low": 0.5, "high": 0.9, "rows": 8},
    ]
