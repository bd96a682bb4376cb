"""The guarantee: honest rows are flagged as often as was asked for, whatever the scores."""

import numpy as np
import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.binomial import count_interval
from secmlops.detect.conformal import Calibration, Threshold, least_size
from secmlops.detect.ecod import Ecod
from secmlops.runtime.arrays import pack


@pytest.mark.parametrize(("alpha", "least"), [(0.01, 99), (0.001, 999), (0.05, 19), (0.3, 3)])
def test_the_least_size_is_just_enough(alpha, least):
    assert least_size(alpha) == least
    scores = np.arange(least, dtype=float)
    assert Threshold.at(Calibration.of(scores), alpha).score == least - 1
    with pytest.raises(InputError, match=f"at least {least}"):
        Threshold.at(Calibration.of(scores[1:]), alpha)


@pytest.mark.parametrize("alpha", [0.01, 0.001])
def test_held_out_inliers_are_flagged_at_the_rate_that_was_set(alpha):
    rows = np.random.default_rng(11).lognormal(size=(60_000, 5)).astype(np.float32)
    detector = Ecod.fit(rows[:2000])
    threshold = Threshold.at(Calibration.of(detector.score(rows[2000:40_000])), alpha)
    flags = int(threshold.flags(detector.score(rows[40_000:])).sum())
    low, high = threshold.expected_flags(20_000, 0.999)
    assert low <= flags <= high
    assert threshold.rate == pytest.approx(alpha, rel=0.05)


def test_over_many_calibrations_the_rate_is_exact():
    generator = np.random.default_rng(5)
    flags = 0
    for _ in range(4000):
        scores = generator.normal(size=100)
        flags += int(Threshold.at(Calibration.of(scores[:99]), 0.05).flags(scores[99:]).sum())
    low, high = count_interval(4000, 0.05, 0.999)
    assert low <= flags <= high


def test_flags_are_the_p_values_at_most_alpha():
    generator = np.random.default_rng(5)
    calibration = Calibration.of(generator.integers(0, 40, 500).astype(float))
    scores = np.append(generator.integers(-5, 45, 300), [np.nan, np.inf]).astype(float)
    for alpha in (0.01, 0.1, 0.5):
        np.testing.assert_array_equal(
            Threshold.at(calibration, alpha).flags(scores), calibration.p_values(scores) <= alpha
        )


def test_randomised_p_values_are_uniform_even_with_ties():
    generator = np.random.default_rng(6)
    calibration = Calibration.of(generator.integers(0, 3, 30_000).astype(float))
    p_values = calibration.p_values(generator.integers(0, 3, 5000).astype(float), generator)
    assert np.sort(p_values) == pytest.approx(np.linspace(0, 1, 5000), abs=0.03)
    assert p_values.min() > 0


def test_without_randomness_p_values_are_conservative():
    scores = np.random.default_rng(6).integers(0, 3, 4000).astype(float)
    p_values = Calibration.of(scores[:2000]).p_values(scores[2000:])
    for alpha in (0.1, 0.4, 0.7):
        assert (p_values <= alpha).mean() <= alpha + 0.03


def test_nan_and_infinity_have_the_smallest_p_value():
    calibration = Calibration.of(np.arange(9.0))
    np.testing.assert_allclose(calibration.p_values(np.array([np.nan, np.inf, -np.inf, 4])), [0.1, 0.1, 1, 0.6])


@pytest.mark.parametrize("scores", [np.empty(0), np.array([[1.0]]), np.array([np.nan])])
def test_what_cannot_calibrate_is_refused(scores):
    with pytest.raises(InputError):
        Calibration.of(scores)


@pytest.mark.parametrize("alpha", [0, 1, -0.1, 2, float("nan")])
def test_what_is_no_rate_is_refused(alpha):
    with pytest.raises(InputError):
        least_size(alpha)


def test_stored_and_read():
    calibration = Calibration.of(np.array([3.0, 1.0]))
    read = Calibration.from_bytes(calibration.to_bytes())
    np.testing.assert_array_equal(read.scores, [1, 3])
    assert read.size == 2


@pytest.mark.parametrize("scores", [np.empty(0), np.array([2.0, 1.0])])
def test_a_stored_calibration_out_of_order_is_refused(scores):
    with pytest.raises(VerificationError):
        Calibration.from_bytes(pack("calibration", {"scores": scores}))
