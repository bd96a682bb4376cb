"""Suspects values that are in another unit than the rest, stand for a gap, or cannot be what the header says."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from types import MappingProxyType

import numpy as np

from secmlops.data.quality.columns import Numbers

MINIMUM_ROWS = 50
MINIMUM_VALUES = 10


class Suspicion(StrEnum):
    """What may be wrong with some values of a column."""

    UNIT = "unit"
    PLACEHOLDER = "placeholder"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True)
class Suspect:
    """In ``rows`` rows of ``column`` there may be something wrong; ``told`` says what, in words without any value."""

    column: str
    kind: Suspicion
    rows: int
    told: str


_FACTORS: Mapping[str, float] = MappingProxyType(
    {
        "1,000 (thousands, milli or kilo)": 1000.0,
        "1,000,000 (millions, micro or mega)": 1e6,
        "100 (cents, percent or centi)": 100.0,
        "10 (a decimal point)": 10.0,
        "3,600 (seconds and hours)": 3600.0,
        "60 (minutes)": 60.0,
        "24 (hours and days)": 24.0,
        "12 (months and years, inches and feet)": 12.0,
        "7 (days and weeks)": 7.0,
        "3.6 (km/h and m/s)": 3.6,
        "3.28 (feet and metres)": 3.2808,
        "2.54 (inches and centimetres)": 2.54,
        "2.2 (pounds and kilograms)": 2.20462,
        "1.61 (miles and kilometres)": 1.609344,
    }
)
_TEMPERATURES: Mapping[str, Callable[[Numbers], Numbers]] = MappingProxyType(
    {
        "degrees Fahrenheit among Celsius": lambda v: (v - 32) / 1.8,
        "degrees Celsius among Fahrenheit": lambda v: v * 1.8 + 32,
        "kelvin among degrees Celsius": lambda v: v - 273.15,
        "degrees Celsius among kelvin": lambda v: v + 273.15,
    }
)
_SHIFTS: Mapping[str, Callable[[Numbers], Numbers]] = MappingProxyType(
    {
        f"too {size} by a factor of {name}": partial(np.add, sign * math.log(factor))
        for name, factor in _FACTORS.items()
        for size, sign in (("large", -1), ("small", 1))
    }
)
_WARMTH = re.compile(r"temp|celsius|fahrenheit|kelvin|°|\[[CFK]\]", re.IGNORECASE)
_LEAST_ROWS = 8
_LARGEST_PART = 0.4
_QUARTILES = 1.349

_DAY_OF = {"1900-01-01": -25567.0, "1970-01-01": 0.0, "9999-12-31": 2932896.0}
_PLACEHOLDERS = (-1.0, -9.0, -99.0, -999.0, -9999.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0, *_DAY_OF.values())
_PLACEHOLDER_SHARE = 0.001
_LEAST_REPEATS = 3

_KELVIN = re.compile(
    r"^(?!.*(^|_)(delta|diff|difference|change|anomaly|residual|error|offset|gradient)(_|$))"  # these may be negative
    r"(.*_)?(kelvin|(t|temp|temps|temperature|temperatures|boiling_point|melting_point|dew_point|flash_point)(_in)?_k)$"
)
"""A ``k`` alone means thousands, or a number of things, as often as kelvin: what is warm must stand before it."""

_RANGES: tuple[tuple[re.Pattern[str], float, float], ...] = (
    (re.compile(r"(^|_)age(_in)?(_years)?$"), 0, 130),
    (re.compile(r"(^|_)(percent|percentage|pct)$"), -1000, 1000),
    (re.compile(r"(^|_)(probability|proportion)$"), 0, 1),
    (re.compile(r"(^|_)(latitude|lat)$"), -90, 90),
    (re.compile(r"(^|_)(longitude|lon|lng)$"), -180, 180),
    (re.compile(r"(^|_)hour_of_day$"), 0, 24),
    (re.compile(r"(^|_)month_of_year$"), 1, 12),
    (_KELVIN, 0, np.inf),
    (re.compile(r"(^|_)humidity$"), 0, 100),
)


def find_suspects(columns: Mapping[str, Numbers]) -> tuple[Suspect, ...]:
    """Look at numeric columns [n], NaN where missing; of fewer than 50 rows only the impossible is told."""
    return tuple(suspect for name, values in columns.items() for suspect in _suspects(name, values))


def unit_between(learnt: Numbers, sent: Numbers) -> str:
    """Unit that turns the numbers ``sent`` [m] into ones like ``learnt`` [n], in words; empty for none."""
    many, few = learnt[np.isfinite(learnt)], sent[np.isfinite(sent)]
    if min(len(many), len(few)) < MINIMUM_ROWS or min(many.min(), few.min()) <= 0 or _alike(np.log(few), np.log(many)):
        return ""
    told = next((name for name, convert in _SHIFTS.items() if _alike(convert(np.log(few)), np.log(many))), "")
    return f"as if in another unit: {told}" if told else ""


def _suspects(name: str, values: Numbers) -> Iterator[Suspect]:
    known = values[np.isfinite(values)]
    impossible = _impossible(name, known)
    if impossible:
        yield Suspect(name, Suspicion.IMPOSSIBLE, impossible, "cannot be what the header says")
    levels, counts = np.unique(known, return_counts=True)
    if len(known) < MINIMUM_ROWS or len(levels) < MINIMUM_VALUES:
        return
    standing = _placeholders(levels, counts)
    if standing:
        yield Suspect(name, Suspicion.PLACEHOLDER, standing, "one far value over and over, as for a missing one")
    rest = known[~np.isin(known, _PLACEHOLDERS)] if standing else known
    found = _other_unit(name, rest)
    if found:
        yield Suspect(name, Suspicion.UNIT, found[0], f"as if in another unit: {found[1]}")


def _impossible(name: str, known: Numbers) -> int:
    header = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    for pattern, low, high in _RANGES:
        if pattern.search(header):
            return int(np.count_nonzero((known < low) | (known > high)))
    return 0


def _placeholders(levels: Numbers, counts: np.ndarray[tuple[int], np.dtype[np.intp]]) -> int:
    """Rows with a conventional placeholder that lies outside the range of the others, away from it by its spread."""
    usual = ~np.isin(levels, _PLACEHOLDERS)
    if np.count_nonzero(usual) < MINIMUM_VALUES:
        return 0
    low, high = levels[usual][0], levels[usual][-1]
    spread = float(np.subtract(*np.quantile(np.repeat(levels[usual], counts[usual]), [0.75, 0.25]))) or 1.0
    margin = 0.0 if low >= 0 else spread
    outside = ~usual & ((levels < min(low - margin, 0)) | (levels > high + spread))
    often = counts >= max(_LEAST_REPEATS, _PLACEHOLDER_SHARE * counts.sum())
    return int(counts[outside & often].sum())


def _other_unit(name: str, known: Numbers) -> tuple[int, str] | None:
    """Rows of the smaller part, and the unit, where values lie in two parts apart and a conversion makes them alike."""
    if len(known) < MINIMUM_ROWS:
        return None
    found = _converted(np.log(known), _SHIFTS) if known.min() > 0 else None
    return _converted(known, _TEMPERATURES) if found is None and _WARMTH.search(name) else found


def _converted(scaled: Numbers, conversions: Mapping[str, Callable[[Numbers], Numbers]]) -> tuple[int, str] | None:
    parts = _parts(np.sort(scaled))
    if parts is None:
        return None
    few, many = parts
    told = next((name for name, convert in conversions.items() if _alike(convert(few), many)), "")
    return (len(few), told) if told else None


def _parts(ordered: Numbers) -> tuple[Numbers, Numbers] | None:
    """The smaller and the larger part, on both sides of the widest gap, if they are two heaps and not one with a tail.

    The gap is wider than the standard deviation of the larger part, and than a seventh of the distance between them;
    their medians are at least five standard deviations apart.
    """
    gaps = np.diff(ordered)
    place = int(np.argmax(gaps)) + 1
    left, right = ordered[:place], ordered[place:]
    few, many = (left, right) if len(left) <= len(right) else (right, left)
    deviation = _quartile_distance(many) / _QUARTILES
    distance = abs(float(np.median(few) - np.median(many)))
    heaps = gaps[place - 1] > max(deviation, distance / 7) and distance > 5 * deviation
    return (few, many) if heaps and _LEAST_ROWS <= len(few) <= _LARGEST_PART * len(ordered) else None


def _alike(brought: Numbers, many: Numbers) -> bool:
    """Whether medians agree to within three standard errors or a tenth of the quartiles' distance, which is similar."""
    spread, other = _quartile_distance(many), _quartile_distance(brought)
    error = 1.2533 * spread / _QUARTILES / math.sqrt(len(brought))
    near = abs(float(np.median(brought) - np.median(many))) < max(3 * error, spread / 10)
    return near and spread / 2 <= other <= 2 * spread


def _quartile_distance(values: Numbers) -> float:
    low, high = np.quantile(values, [0.25, 0.75])
    return float(high - low)
