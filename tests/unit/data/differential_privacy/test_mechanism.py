"""The noise keeps the promised epsilon and delta, and not by being far larger: audited by drawing it.

An event that is likelier by more than e^epsilon on one of two neighbouring inputs would refute the promise. The bounds
are Clopper and Pearson's, at one in a million, so a sound mechanism fails here next to never.
"""

import math
import sys

import pytest
from scipy.stats import beta

from secmlops.core.errors import InputError
from secmlops.data.differential_privacy.mechanism import Noise, noise_for, noise_for_keys

DRAWS = 12_000
SURE = 1e-6


def at_least(hits: int) -> float:
    return float(beta.ppf(SURE, hits, DRAWS - hits + 1)) if hits else 0.0


def at_most(hits: int) -> float:
    return float(beta.ppf(1 - SURE, hits + 1, DRAWS - hits))


def audited(noise: Noise, change: int) -> float:
    """Largest epsilon that the draws prove, over all events of the form 'at most t'."""
    near, far = noise.add([0] * DRAWS), noise.add([change] * DRAWS)
    proven = 0.0
    for t in range(-3 * change, 4 * change):
        proven = max(proven, math.log(max(at_least(sum(x <= t for x in near)) / at_most(sum(x <= t for x in far)), 1)))
    return proven


@pytest.mark.parametrize(("rows", "epsilon"), [(1, 1.0), (3, 0.5)])
def test_the_noise_keeps_its_epsilon_and_wastes_little(rows, epsilon):
    proven = audited(noise_for(rows, epsilon), rows)
    assert 0.7 * epsilon < proven <= epsilon


def test_the_audit_finds_noise_that_is_too_small():
    assert audited(noise_for(1, 1.0), 2) > 1.3


def test_a_key_of_one_person_is_found_with_no_more_than_delta():
    noise = noise_for_keys(2, 1.0, 0.02)
    found = noise.found({str(place): 2 for place in range(DRAWS)})
    assert at_least(len(found)) <= 0.02
    assert at_most(len(found)) > 0.002
    assert all(count >= noise.threshold for count in found.values())


def test_keys_of_many_are_found():
    noise = noise_for_keys(1, 1.0, 1e-9)
    assert 20 < noise.threshold < 30
    assert set(noise.found({"a": 1_000, "b": 3})) == {"a"}
    assert noise.found({}) == {}


def test_the_half_width_holds_as_often_as_told():
    noise = noise_for(1, 0.2)
    within = sum(abs(x) <= noise.half_width(0.05) for x in noise.add([0] * DRAWS))
    assert 0.95 < within / DRAWS < 0.975  # 0.963 is expected, and 0.002 its spread


@pytest.mark.parametrize("delta", [1e-300, 1e-17])
def test_a_delta_that_cannot_be_computed_with_is_refused(delta):
    with pytest.raises(InputError, match="too small"):
        noise_for_keys(1, 1.0, delta)


@pytest.mark.parametrize("epsilon", [1e-6 / 20, 100.0])
def test_extreme_demands_are_met(epsilon):
    assert len(noise_for(1_000 * 2**20, epsilon).add([0, 1])) == 2
    assert noise_for_keys(1_000, epsilon, 1e-9).threshold > 1_000


def test_without_opendp_nothing_is_drawn(monkeypatch):
    monkeypatch.setitem(sys.modules, "opendp.measurements", None)
    with pytest.raises(InputError, match="not installed"):
        noise_for(1, 1.0)
