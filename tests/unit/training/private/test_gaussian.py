"""The exchange of mu for epsilon and delta, beside dp-accounting and the definition itself."""

import math

import pytest

from secmlops.training.private.gaussian import (
    composed,
    delta_of,
    epsilon_of,
    mu_of,
    mu_of_steps,
    upper_quantile,
)

GOLDEN = [
    (0.1, 1e-5, 0.03252078405620366),
    (1.0, 1e-5, 0.26805112321129454),
    (3.0, 1e-5, 0.7191174352217942),
    (10.0, 1e-6, 1.848132205766876),
    (1.0, 1e-9, 0.18197480729533258),
    (20.0, 1e-5, 3.447783446869396),
]
"""1 / dp_accounting.get_sigma_gaussian(epsilon, delta), of dp-accounting 0.6.0 (Google)."""


@pytest.mark.parametrize(("epsilon", "delta", "mu"), GOLDEN)
def test_it_agrees_with_dp_accounting(epsilon: float, delta: float, mu: float) -> None:
    assert mu_of(epsilon, delta) == pytest.approx(mu, rel=1e-9)
    assert epsilon_of(mu, delta) == pytest.approx(epsilon, rel=1e-9)


def test_at_epsilon_0_delta_is_how_far_apart_the_two_normal_distributions_are() -> None:
    assert delta_of(1.0, 0.0) == pytest.approx(math.erf(1 / (2 * math.sqrt(2))), rel=1e-12)
    assert epsilon_of(1.0, 0.5) == 0.0


def test_what_is_rounded_is_rounded_to_the_safe_side() -> None:
    assert delta_of(mu_of(3, 1e-5), 3) <= 1e-5
    assert delta_of(0.7, epsilon_of(0.7, 1e-5)) <= 1e-5


def test_steps_add_up_in_squares_and_no_noise_is_no_promise() -> None:
    assert mu_of_steps(20.0, 100) == 0.5
    assert composed(*[0.05] * 100) == pytest.approx(0.5)
    assert (delta_of(0.0, 1.0), epsilon_of(mu_of_steps(0.0, 1), 1e-5)) == (0.0, math.inf)
    assert delta_of(math.inf, 100.0) == 1.0
    assert delta_of(40.0, 1000.0) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("chance", [0.5, 0.025, 1e-12, 1e-30])
def test_the_quantile_is_passed_with_the_chance(chance: float) -> None:
    assert math.erfc(upper_quantile(chance) / math.sqrt(2)) / 2 == pytest.approx(chance, rel=1e-9)
