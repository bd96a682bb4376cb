import math

import numpy as np
import pytest

from secmlops.data.skew.stability import stability


def test_the_index_is_the_one_of_the_books() -> None:
    found = stability("x", [5_000_000, 3_000_000, 2_000_000], [4_000_000, 3_000_000, 3_000_000])
    expected = -0.1 * math.log(0.4 / 0.5) + 0.1 * math.log(0.3 / 0.2)
    assert found.index == pytest.approx(expected, abs=1e-6)
    assert found.excess == pytest.approx(expected, abs=1e-4)


def test_chance_is_seldom_taken_for_a_shift() -> None:
    rng = np.random.default_rng(1)
    shares = rng.dirichlet(np.ones(10))
    alarms = [
        stability("x", rng.multinomial(400, shares).tolist(), rng.multinomial(150, shares).tolist()).excess > 0
        for _ in range(2_000)
    ]
    assert np.mean(alarms) <= 0.005


def test_a_shift_of_a_standard_deviation_is_never_missed() -> None:
    rng = np.random.default_rng(2)
    edges = np.quantile(rng.normal(size=10_000), np.linspace(0, 1, 11)[1:-1])
    for _ in range(100):
        before, after = (
            np.bincount(np.digitize(rng.normal(shift, 1, 300), edges), minlength=10).tolist() for shift in (0, 1)
        )
        found = stability("x", before, after)
        assert found.index > 0.25
        assert found.excess > 0


def test_a_bin_that_only_one_side_has_is_finite() -> None:
    found = stability("x", [100, 0, 0], [0, 100, 0])
    assert math.isfinite(found.index)
    assert found.index > 5


def test_one_bin_tells_nothing() -> None:
    assert stability("x", [100, 0], [50, 0]).index == 0
    assert stability("x", [100], [50]).excess == 0
