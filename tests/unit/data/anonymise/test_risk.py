import numpy as np
import pytest

from secmlops.data.anonymise.risk import measure_risk


def test_the_table_is_the_population() -> None:
    risk = measure_risk(np.array([2, 5, 10]))
    assert (risk.prosecutor, risk.journalist) == (0.5, 0.5)
    assert risk.marketer == pytest.approx(3 / 17)
    assert risk.at_risk == pytest.approx(2 / 17)


def test_a_known_population() -> None:
    risk = measure_risk(np.array([2, 5]), population=np.array([20, 10]))
    assert risk.prosecutor == 0.5
    assert risk.journalist == pytest.approx(0.1)
    assert risk.marketer == pytest.approx((2 / 20 + 5 / 10) / 7)


@pytest.mark.parametrize(("size", "sampling"), [(1, 0.1), (3, 0.5), (10, 0.25)])
def test_the_estimate_agrees_with_drawing(size: int, sampling: float) -> None:
    persons = size + np.random.default_rng(9).negative_binomial(size, sampling, 400_000)
    assert measure_risk(np.array([size]), sampling).journalist == pytest.approx(np.mean(1 / persons), rel=0.01)


def test_one_of_one_has_a_closed_form() -> None:
    assert measure_risk(np.array([1]), 0.2).journalist == pytest.approx(-0.2 / 0.8 * np.log(0.2))


def test_very_small_and_very_large_cases_are_not_understated() -> None:
    assert measure_risk(np.array([5_000]), 0.5).journalist == pytest.approx(0.5 / 5_000, rel=1e-3)
    assert measure_risk(np.array([2]), 1e-5).journalist > 1e-5
