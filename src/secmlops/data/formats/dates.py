"""Recognises days and moments written as text: ISO 8601, and day-first or month-first orders where they are sure."""

from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Values
from secmlops.data.formats.facts import Fact, Known, all_match, some_match
from secmlops.data.formats.meaning import Meaning, text

_ZONED = pa.timestamp("us", "UTC")
_AMBIGUOUS = "dates whose order of day and month cannot be told: left as text; write them as YYYY-MM-DD"

_DIGIT = some_match(r"\d")
_DAYS = all_match(r"^\d{4}-\d{2}-\d{2}$")
_MOMENTS = all_match(r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$")
_ZONED_MOMENTS = all_match(r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})$")
_POINTS = all_match(r"^\d{1,2}\.\d{1,2}\.\d{4}$")
_SLASHES = all_match(r"^\d{1,2}[/-]\d{1,2}[/-]\d{4}$")
_FIRST_OVER_12 = some_match(r"^(1[3-9]|[2-9]\d)[/-]", needs=_SLASHES)
_SECOND_OVER_12 = some_match(r"^\d{1,2}[/-](1[3-9]|[2-9]\d)[/-]", needs=_SLASHES)


def as_dates(known: Known) -> Meaning | None:
    """Meaning of texts that are date32 or timestamp[us] (UTC), or that could be; None where they cannot.

    An order of day and month is accepted only when some value of the column rules the other one out; every value must
    be a day that exists.
    """
    if not known(_DIGIT):
        return None
    for shape, exists, meaning in _READINGS:
        if known(shape):
            return meaning if known(exists) else None
    return _slashed(known) if known(_SLASHES) else None


def _slashed(known: Known) -> Meaning | None:
    day_first, month_first = known(_FIRST_OVER_12), known(_SECOND_OVER_12)
    if day_first == month_first:
        return None if day_first else text(_AMBIGUOUS)
    exists, meaning = _SLASHED[day_first]
    return meaning if known(exists) else None


def _cast(kind: pa.DataType, texts: Values) -> Values:
    return pc.cast(texts, kind)


def _to_utc(texts: Values) -> Values:
    return pc.cast(texts, _ZONED).cast(pa.timestamp("us"))


def _ordered(order: str, texts: Values) -> Values:
    padded = pc.replace_substring_regex(texts, r"\b(\d)\b", r"0\1")
    return pc.cast(pc.replace_substring_regex(padded, r"^(\d{2})[./-](\d{2})[./-](\d{4})$", order), pa.date32())


def exists(meaning: Meaning, shape: Fact) -> Fact:
    """Every text of this shape stands for a value: a day of the calendar, a number that fits."""

    def holds(texts: Values) -> bool:
        try:
            meaning.convert(texts)
        except pa.ArrowInvalid:
            return False
        return True

    return Fact(holds, needs=shape)


_DAY_FIRST, _MONTH_FIRST = partial(_ordered, r"\3-\2-\1"), partial(_ordered, r"\3-\1-\2")
_READINGS = tuple(
    (shape, exists(meaning, shape), meaning)
    for shape, meaning in (
        (_DAYS, Meaning(pa.date32(), partial(_cast, pa.date32()))),
        (_MOMENTS, Meaning(pa.timestamp("us"), partial(_cast, pa.timestamp("us")))),
        (_ZONED_MOMENTS, Meaning(pa.timestamp("us"), _to_utc, "moments converted to UTC")),
        (_POINTS, Meaning(pa.date32(), _DAY_FIRST, "read as day.month.year")),
    )
)
_SLASHED = {
    day_first: (exists(meaning, _SLASHES), meaning)
    for day_first, meaning in (
        (True, Meaning(pa.date32(), _DAY_FIRST, "read as day/month/year")),
        (False, Meaning(pa.date32(), _MONTH_FIRST, "read as month/day/year")),
    )
}
FACTS = (
    *(_DIGIT, _DAYS, _MOMENTS, _ZONED_MOMENTS, _POINTS, _SLASHES, _FIRST_OVER_12, _SECOND_OVER_12),
    *(exists for _, exists, _ in _READINGS),
    *(exists for exists, _ in _SLASHED.values()),
)
