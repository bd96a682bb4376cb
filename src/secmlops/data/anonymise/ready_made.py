"""Hierarchies made from the values of a column: age bands, postcode areas, calendar dates."""

import re
from collections.abc import Iterable

from secmlops.core.errors import InputError
from secmlops.data.anonymise.demand import BuiltIn
from secmlops.data.anonymise.hierarchy import Hierarchy

_BAND_YEARS = (5, 10, 20, 40)
_OLDEST_BAND = 90
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?")


def ready_made(kind: BuiltIn, values: Iterable[str], where: str) -> Hierarchy:
    """Hierarchy of ``values``, text forms; raises InputError for one that is no age, or no date."""
    climb = {BuiltIn.AGE: _age, BuiltIn.POSTCODE: _postcode, BuiltIn.DATE: _date}[kind]
    rows = []
    for value in values:
        groups = climb(value)
        if groups is None:
            raise InputError(
                f"a value is no {kind}", where=where, hint="give the column a hierarchy of its own, or none"
            )
        rows.append((value, *groups))
    return Hierarchy.from_levels(rows, where)


def _age(value: str) -> list[str] | None:
    """Bands of 5, 10, 20 and 40 years; from 90 on one band (45 CFR 164.514(b)(2)(i)(C))."""
    if not re.fullmatch(r"\d{1,3}", value):
        return None
    years = int(value)
    if years >= _OLDEST_BAND:
        return [f"{_OLDEST_BAND} and over", f"{_OLDEST_BAND // 40 * 40} and over"]
    bands = [(years // width * width, width) for width in _BAND_YEARS]
    return [_band(start, width) for start, width in bands]


def _band(start: int, width: int) -> str:
    return f"{start} and over" if start + width > _OLDEST_BAND else f"{start} to {start + width - 1}"


def _postcode(value: str) -> list[str]:
    """Ever shorter beginnings; what stands after a space or hyphen goes first."""
    code = value.strip()
    outward = re.split(r"[ -]", code, maxsplit=1)[0]
    shorter = [outward[:length] for length in range(len(outward) - (outward == code), 0, -1)]
    return [f"{start}…" for start in shorter]


def _date(value: str) -> list[str] | None:
    """Month, quarter, year, decade."""
    match = _ISO_DATE.fullmatch(value)
    if match is None:
        return None
    year, month = int(match[1]), int(match[2])
    return [f"{year:04}-{month:02}", f"{year:04} Q{(month + 2) // 3}", f"{year:04}", f"{year // 10 * 10:04}s"]
