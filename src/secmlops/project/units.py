"""Amounts as people write them: ``4 GiB``, ``10 min``, ``30 d``."""

import re
from collections.abc import Mapping
from datetime import timedelta

from secmlops.core.errors import InputError

BYTES: Mapping[str, int] = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "MB": 10**6, "GB": 10**9}
SECONDS: Mapping[str, int] = {"s": 1, "min": 60, "h": 3600, "d": 86400}
MAX_BYTES = 2**50
MAX_SECONDS = 100 * 366 * 86400
_FORM = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*", re.ASCII)


def parse_bytes(text: str) -> int:
    """Number of bytes, up to 1024 TiB; raises InputError with the units that are known."""
    amount = _amount(text, BYTES, "4 GiB")
    if not 1 <= amount <= MAX_BYTES:
        raise InputError(f"{text!r} is not from 1 B to 1024 TiB")
    return int(amount)


def parse_duration(text: str) -> timedelta:
    """Duration, up to 100 years; raises InputError with the units that are known."""
    amount = _amount(text, SECONDS, "10 min")
    if amount > MAX_SECONDS:
        raise InputError(f"{text!r} is longer than 100 years")
    return timedelta(seconds=amount)


def _amount(text: str, units: Mapping[str, int], example: str) -> float:
    found = _FORM.fullmatch(text)
    if not found or found[2] not in units or len(found[1]) > 12 or float(found[1]) <= 0:
        raise InputError(f"{text!r} is not an amount", hint=f"write for example {example}; units: {', '.join(units)}")
    return float(found[1]) * units[found[2]]
