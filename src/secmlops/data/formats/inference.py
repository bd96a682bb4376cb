"""Decides what the texts of a column mean: truth values, whole numbers, numbers, days, moments, or texts."""

from dataclasses import dataclass
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Chunks, Values
from secmlops.data.formats.dates import as_dates
from secmlops.data.formats.separators import (
    has_dotted_thousands,
    is_like_a_number,
    matches_all,
    matches_any,
    separated_numbers,
    without_dots,
)
from secmlops.runtime.signature import MISSING_SPELLINGS

_INTEGER = r"^[+-]?\d+$"
_LEADING_ZERO = r"^[+-]?0\d"
_NUMBER = r"^[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?|(?i:inf(inity)?))$"
_TRUTH = r"^(?i:true|false)$"
_MOSTLY = 0.5

Column = TypeVar("Column", Values, Chunks)


@dataclass(frozen=True, slots=True)
class Inferred:
    """``values`` in their type. ``mixed_row``: first row, from 0, that is no number in a column that mostly is.

    ``note`` says in words when the meaning was not obvious, and is empty otherwise.
    """

    values: Values
    mixed_row: int | None = None
    note: str = ""


def infer(column: Values, comma_decimals: bool = False, dotted_thousands: bool = False) -> Inferred:
    """Infer the type of a string array; nulls and the usual spellings of a missing value become null.

    The patterns run over the distinct texts only. Whole numbers with leading zeros (postcodes, identifiers) and
    numbers beyond 64 bits stay texts. ``comma_decimals``: a comma may stand before the decimals, as it can where
    cells are not separated by commas. ``dotted_thousands``: other columns of the file have decimal commas, so that
    ``1.169`` is more than a thousand.
    """
    coded = column.dictionary_encode()
    texts = known_texts(coded.dictionary)
    if texts.null_count == len(texts):
        return Inferred(texts.take(coded.indices))
    typed, note = _typed(texts, comma_decimals, dotted_thousands)
    if typed is not None:
        return Inferred(typed.take(coded.indices), note=note)
    return Inferred(texts.take(coded.indices), mixed_row=_mixed_row(texts, coded.indices), note=note)


def known_texts(column: Column) -> Column:
    """Texts without spaces around them, null where they spell a missing value: see ``signature.category_of``."""
    texts = pc.utf8_trim_whitespace(column)
    blank = pc.is_in(texts, pa.array(MISSING_SPELLINGS))
    known: Column = pc.if_else(blank, pa.scalar(None, pa.string()), texts)
    return known


def _typed(texts: Values, comma_decimals: bool, dotted_thousands: bool) -> tuple[Values | None, str]:
    if matches_all(texts, _TRUTH):
        return pc.equal(pc.utf8_lower(texts), pa.scalar("true")), ""
    if dotted_thousands and has_dotted_thousands(texts):
        return without_dots(texts), "read with dots between thousands, as other columns have decimal commas"
    number = _as_number(texts)
    if number is not None:
        return number, ""
    number, note = separated_numbers(texts, comma_decimals)
    if number is not None or note:
        return number, note
    return as_dates(texts) if matches_any(texts, r"\d") else (None, "")


def _as_number(texts: Values) -> Values | None:
    if matches_all(texts, _INTEGER):
        if matches_any(texts, _LEADING_ZERO):
            return None
        try:
            return pc.cast(pc.replace_substring_regex(texts, r"^\+", ""), pa.int64())
        except pa.ArrowInvalid:
            return None
    return pc.cast(texts, pa.float64()) if matches_all(texts, _NUMBER) else None


def _mixed_row(texts: Values, indices: Values) -> int | None:
    """First row that is no number, if most rows of a column of texts are numbers."""
    numbers = pc.or_(pc.match_substring_regex(texts, _NUMBER), is_like_a_number(texts))
    rows = numbers.take(indices)
    share = rows.cast(pa.int64()).sum().as_py() / (len(rows) - rows.null_count)
    return int(pc.index(rows, pa.scalar(False)).as_py()) if _MOSTLY <= share < 1 else None
