"""Noise: normal, the same for the same row in any company, another for any other row or key."""

import numpy as np
import pytest

from secmlops.runtime.signature import Inputs
from secmlops.serving.noise import noise_for

KEY = b"k" * 32


def rows(count: int, seed: int = 0) -> Inputs:
    rng = np.random.default_rng(seed)
    return Inputs(rng.normal(size=(count, 3)).astype(np.float32), rng.choice(["a", "bc"], (count, 2)).astype(object))


@pytest.mark.parametrize("outputs", [1, 2, 4, 5, 11])
def test_it_is_standard_normal(outputs: int) -> None:
    noise = noise_for(rows(4000), outputs, KEY)
    assert noise.shape == (4000, outputs)
    assert np.isfinite(noise).all()
    assert abs(noise.mean()) < 5 / np.sqrt(noise.size)
    assert abs(noise.std() - 1) < 5 / np.sqrt(noise.size)
    assert np.quantile(noise, 0.975) == pytest.approx(1.96, abs=0.15)
    if outputs > 1:
        off = np.corrcoef(noise.T)[~np.eye(outputs, dtype=bool)]
        assert np.abs(off).max() < 0.1


def test_a_row_has_its_own_noise_in_whatever_company() -> None:
    some = rows(50)
    together = noise_for(some, 2, KEY)
    for place in range(50):
        assert np.array_equal(noise_for(some.take(slice(place, place + 1)), 2, KEY), together[place : place + 1])
    assert np.array_equal(noise_for(some.take(np.arange(50)[::-1]), 2, KEY), together[::-1])
    assert len(np.unique(together)) == 100


def test_another_value_another_text_or_another_key_has_other_noise() -> None:
    def one(numbers: list[float], texts: list[str], key: bytes = KEY) -> float:
        return float(noise_for(Inputs(np.array([numbers], np.float32), np.array([texts], object)), 1, key)[0, 0])

    others = [
        one([1, 2], ["a", "b"]), one([1, 2.0000002], ["a", "b"]), one([2, 1], ["a", "b"]), one([1, 2], ["b", "a"]),
        one([1, 2], ["a\0", "b"]), one([1, 2], ["a", "\0b"]), one([1, 2], ["ab", ""]), one([1, 2], ["", "ab"]),
        one([1, 2], ["a", "b"], b"K" * 32), one([1, float("nan")], ["a", "b"]), one([1, 2], ["\ud800", "b"]),
    ]  # fmt: skip
    assert len(set(others)) == len(others)
    assert one([0.0], []) == one([-0.0], [])


def test_no_rows_have_no_noise() -> None:
    assert noise_for(rows(3).take(slice(0)), 2, KEY).shape == (0, 2)
