"""Amounts as people write them."""

from datetime import timedelta

import pytest

from secmlops.core.errors import InputError
from secmlops.project.units import parse_bytes, parse_duration


@pytest.mark.parametrize(
    ("text", "amount"), [("4 GiB", 4 * 2**30), ("1.5 KiB", 1536), (" 2MB ", 2_000_000), ("1 B", 1), ("1 TiB", 2**40)]
)
def test_bytes(text: str, amount: int) -> None:
    assert parse_bytes(text) == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [("10 min", timedelta(minutes=10)), ("30d", timedelta(days=30)), ("0.5 h", timedelta(minutes=30))],
)
def test_durations(text: str, amount: timedelta) -> None:
    assert parse_duration(text) == amount


@pytest.mark.parametrize(
    "text", ["", "4", "GiB", "4 gib", "-4 GiB", "0 GiB", "4 GiB 2", "1e3 B", "9999999999999 B", "4 s"]
)
def test_what_is_no_amount_of_bytes_is_refused_with_the_units(text: str) -> None:
    with pytest.raises(InputError, match="units: B, KiB"):
        parse_bytes(text)


@pytest.mark.parametrize("text", ["0.5 B", "1025 TiB", "999999999999 TiB"])
def test_amounts_no_machine_has_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="1 B to 1024 TiB"):
        parse_bytes(text)


@pytest.mark.parametrize("text", ["", "10", "10 minutes", "0 s", "forever", "999999999999 d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_duration(text)
