"""Recognises days and moments written as text: ISO 8601, and day-first or month-first orders where they are sure."""

import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Values

_ISO: tuple[tuple[str, pa.DataType], ...] = (
    (r"^\d{4}-\d{2}-\d{2}$", pa.date32()),
    (r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$", pa.timestamp("us")),
)
_ISO_ZONED = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})$"
_POINTS = r"^\d{1,2}\.\d{1,2}\.\d{4}$"
_SLASHES = r"^\d{1,2}[/-]\d{1,2}[/-]\d{4}$"
_PARTS = r"^(?P<first>\d{1,2})[./-](?P<second>\d{1,2})[./-](?P<year>\d{4})$"
_AMBIGUOUS = "dates whose order of day and month cannot be told: left as text; write them as YYYY-MM-DD"


def as_dates(texts: Values) -> tuple[Values | None, str]:
    """date32 or timestamp[us] (UTC) values of a string array, with a note on how they were read, or None.

    An order of day and month is accepted only when some value of the column rules the other one out; every value must
    be a day that exists.
    """
    for pattern, kind in _ISO:
        if _all(texts, pattern):
            return _cast(texts, kind), ""
    if _all(texts, _ISO_ZONED):
        zoned = _cast(texts, pa.timestamp("us", "UTC"))
        return (zoned.cast(pa.timestamp("us")) if zoned is not None else None), "moments converted to UTC"
    if _all(texts, _POINTS):
        return _ordered(texts, day_first=True), "read as day.month.year"
    if _all(texts, _SLASHES):
        return _slashed(texts)
    return None, ""


def _slashed(texts: Values) -> tuple[Values | None, str]:
    parts = pc.extract_regex(texts, _PARTS)
    first = pc.max(pc.cast(pc.struct_field(parts, "first"), pa.int64())).as_py()
    second = pc.max(pc.cast(pc.struct_field(parts, "second"), pa.int64())).as_py()
    if first > 12 >= second:
        return _ordered(texts, day_first=True), "read as day/month/year"
    if second > 12 >= first:
        return _ordered(texts, day_first=False), "read as month/day/year"
    return None, _AMBIGUOUS if first <= 12 else ""


def _ordered(texts: Values, day_first: bool) -> Values | None:
    padded = pc.replace_substring_regex(texts, r"\b(\d)\b", r"0\1")
    order = r"\3-\2-\1" if day_first else r"\3-\1-\2"
    return _cast(pc.replace_substring_regex(padded, r"^(\d{2})[./-](\d{2})[./-](\d{4})$", order), pa.date32())


def _cast(texts: Values, kind: pa.DataType) -> Values | None:
    try:
        return pc.cast(texts, kind)
    except pa.ArrowInvalid:
        return None


def _all(texts: Values, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(texts, pattern)).as_py())
