"""Exact intervals against scipy's distributions."""

import pytest
from scipy import stats

from secmlops.core.errors import InputError
from secmlops.detect.binomial import count_interval, exchangeable_interval, share_interval


@pytest.mark.parametrize(("trials", "rate"), [(10, 0.5), (1000, 0.01), (50_000, 0.001), (7, 0.999)])
def test_counts_agree_with_scipy(trials, rate):
    assert count_interval(trials, rate) == tuple(stats.binom.interval(0.95, trials, rate))


@pytest.mark.parametrize(("trials", "rank", "size"), [(100, 1, 99), (5000, 10, 999), (20_000, 20, 20_000), (9, 9, 9)])
def test_counts_after_a_calibration_agree_with_scipy(trials, rank, size):
    expected = stats.betabinom(trials, rank, size + 1 - rank).interval(0.95)
    assert exchangeable_interval(trials, rank, size) == tuple(expected)


@pytest.mark.parametrize(("successes", "trials"), [(0, 20), (20, 20), (3, 500), (250, 500), (1, 40_000)])
def test_shares_agree_with_scipy(successes, trials):
    expected = stats.binomtest(successes, trials).proportion_ci(0.95, method="exact")
    assert share_interval(successes, trials) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_a_calibration_makes_the_interval_wider():
    plain, after = count_interval(10_000, 0.01), exchangeable_interval(10_000, 10, 999)
    assert after[0] < plain[0] < plain[1] < after[1]


@pytest.mark.parametrize(
    "call",
    [
        lambda: count_interval(0, 0.5),
        lambda: count_interval(5, 0.0),
        lambda: count_interval(5, 0.5, 1.0),
        lambda: exchangeable_interval(5, 0, 9),
        lambda: exchangeable_interval(5, 10, 9),
        lambda: share_interval(6, 5),
    ],
)
def test_nonsense_is_refused(call):
    with pytest.raises(InputError):
        call()
