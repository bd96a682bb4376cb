"""How numbers, durations, sizes, shares and moments are written on the page."""

import math
from datetime import datetime

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB")


def count(value: float) -> str:
    """Whole number with thousands apart: ``12,345``."""
    return f"{value + 0.0:,.0f}"


def number(value: float) -> str:
    """Number with up to four significant digits: ``0.7812``, ``12.35``, ``1.3·10⁻⁷``; whole numbers as they are."""
    if value == int(value) and abs(value) < 1e15:
        return count(value)
    if abs(value) < 1e-4 or abs(value) >= 1e6:
        mantissa, _, power = f"{value:.1e}".partition("e")
        return f"{mantissa}·10{str(int(power)).translate(_RAISED)}"
    return f"{value:.{max(0, 3 - math.floor(math.log10(abs(value))))}f}".rstrip("0").rstrip(".")


def score(value: float) -> str:
    """Metric with three decimals: ``0.781``."""
    return f"{value:.3f}"


def share(value: float) -> str:
    """Share (0 to 1) in percent; what is not 0 never reads as 0: ``12.3 %``, ``under 0.1 %``."""
    if 0 < value < 0.001:
        return "under 0.1 %"
    return f"{100 * value:.1f}".removesuffix(".0") + " %"


def seconds(value: float) -> str:
    """Duration: ``12 ms``, ``3.4 s``, ``2 min 5 s``."""
    if value < 0.0005:
        return "under 1 ms"
    if value < 0.9995:
        return f"{1000 * value:.0f} ms"
    if value < 99.5:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s"


def size(value: float) -> str:
    """Bytes in binary units: ``512 B``, ``12.3 MiB``."""
    power = 0
    while value >= 1024 and power < len(_BINARY) - 1:
        value, power = value / 1024, power + 1
    return f"{value:.0f} B" if power == 0 else f"{value:.1f} {_BINARY[power]}"


def moment(at: datetime) -> str:
    """Moment in UTC to the minute: ``2026-03-01 12:00 UTC``."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def yes_no(value: float) -> str:
    """Flag in a word."""
    return "yes" if value else "no"
