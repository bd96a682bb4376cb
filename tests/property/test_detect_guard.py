"""The guard: a row's p-value is its own, false flags are as rare as was set, and no file loads but its own."""

import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secmlops.core.errors import VerificationError
from secmlops.detect.guard import Guard
from secmlops.runtime.signature import Inputs


def world(rows: int, rng: np.random.Generator) -> Inputs:
    """Rows with ties, gaps, far values and few categories: whatever might make two rows' scores differ by rounding."""
    numeric = np.round(rng.normal(1e4, 3, (rows, 6)), 1).astype(np.float32)
    numeric[rng.random(numeric.shape) < 0.05] = np.nan
    numeric[rng.random(numeric.shape) < 0.01] = 1e30
    return Inputs(numeric, rng.integers(0, 4, (rows, 3)).astype(str).astype(object))


@functools.cache
def guard() -> Guard:
    rng = np.random.default_rng(0)
    return Guard.fit(world(300, rng), world(300, rng), 0.05, rng)


@given(seed=st.integers(0, 2**32), first=st.integers(1, 40), more=st.integers(0, 600))
def test_rows_that_come_along_never_change_a_p_value(seed: int, first: int, more: int) -> None:
    rows = world(first + more, np.random.default_rng(seed))
    few = rows.take(slice(first))
    assert (guard().p_values(rows)[:first] == guard().p_values(few)).all()
    assert guard().p_values(rows.take(slice(1)))[0] == guard().p_values(rows)[0]


@given(data=st.binary(max_size=300))
def test_no_other_bytes_are_a_guard(data: bytes) -> None:
    with pytest.raises(VerificationError):
        Guard.from_bytes(data)


@given(place=st.integers(0, 10**6), change=st.integers(1, 255))
def test_a_changed_byte_is_noticed_or_still_makes_a_whole_guard(place: int, change: int) -> None:
    data = bytearray(guard().to_bytes())
    data[place % len(data)] ^= change
    try:
        read = Guard.from_bytes(bytes(data))
    except VerificationError:
        return
    assert read.to_bytes() == bytes(data)
    assert ((p := read.p_values(world(20, np.random.default_rng(1)))) > 0).all()
    assert (p <= 1).all()


def test_the_false_flag_rate_is_the_one_set_over_many_calibrations() -> None:
    """Mean over 300 guards: 0.1 within four standard errors, although each guard's own rate varies."""
    rng = np.random.default_rng(5)
    rates = []
    for _ in range(300):
        rows = Inputs(rng.normal(size=(180, 3)).astype(np.float32), np.empty((180, 0), object))
        fitted = Guard.fit(rows.take(slice(60)), rows.take(slice(60, 119)), 0.1, rng)
        rates.append(fitted.flags(rows.take(slice(119, 180))).mean())
    error = np.std(rates) / np.sqrt(len(rates))
    assert abs(np.mean(rates) - 0.1) < 4 * error
    assert error < 0.004
