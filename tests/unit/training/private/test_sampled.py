"""The accountant of Poisson samples, beside dp-accounting's."""

import sys

import pytest

from secmlops.core.errors import InputError
from secmlops.training.private.sampled import epsilon_of_samples, noise_for_samples

GOLDEN = [
    ((1.0, 0.05, 200), 0.3, 4.946140033873163),
    ((2.0, 0.05, 400), 0.0, 2.2464469257553175),
    ((0.8, 0.01, 1000), 0.1, 3.1660879404519107),
]
"""Epsilon at 1e-5 by dp_accounting 0.6.0 (Google): pld.PLDAccountant, add or remove one row, for steps and a look."""


@pytest.fixture
def opacus() -> None:
    pytest.importorskip("opacus", reason="the extra `private` (Opacus and PyTorch, 200 MB) is not installed")


@pytest.mark.usefixtures("opacus")
@pytest.mark.parametrize(("steps", "looks", "epsilon"), GOLDEN)
def test_it_agrees_with_dp_accounting_from_above(steps: tuple[float, float, int], looks: float, epsilon: float) -> None:
    assert epsilon <= epsilon_of_samples(steps, looks, 1e-5) < epsilon + 0.02


@pytest.mark.usefixtures("opacus")
def test_the_noise_that_is_found_costs_no_more_than_asked() -> None:
    noise = noise_for_samples(0.5, 1e-5, (0.05, 100), 0.03)
    assert 0.49 < epsilon_of_samples((noise, 0.05, 100), 0.03, 1e-5) <= 0.5


def test_no_noise_is_no_promise() -> None:
    assert epsilon_of_samples((0.0, 0.05, 10), 0.1, 1e-5) == float("inf")


def test_a_missing_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opacus.accountants", None)
    with pytest.raises(InputError, match="Opacus is not installed"):
        epsilon_of_samples((1.0, 0.05, 10), 0.0, 1e-5)
