"""Decides what the texts of a column mean: truth values, whole numbers, numbers, days, moments, or texts."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Values
from secmlops.data.formats.dates import as_dates

MISSING_SPELLINGS = ("", "NA", "N/A", "n/a", "<NA>", "#N/A", "NaN", "nan", "-nan", "NAN", "null", "NULL")
_INTEGER = r"^[+-]?\d+$"
_LEADING_ZERO = r"^[+-]?0\d"
_NUMBER = r"^[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?|(?i:inf(inity)?))$"
_COMMA_NUMBER = r"^[+-]?\d+(,\d+)?$"
_TRUTH = r"^(?i:true|false)$"
_MOSTLY = 0.5


@dataclass(frozen=True, slots=True)
class Inferred:
    """``values`` in their type. ``mixed_row``: first row, from 0, that is no number in a column that mostly is.

    ``note`` says in words when the meaning was not obvious, and is empty otherwise.
    """

    values: Values
    mixed_row: int | None = None
    note: str = ""


def infer(column: Values, comma_decimals: bool = False) -> Inferred:
    """Infer the type of a string array; nulls and the usual spellings of a missing value become null.

    The patterns run over the distinct texts only. Whole numbers with leading zeros (postcodes, identifiers) and
    numbers beyond 64 bits stay texts. ``comma_decimals``: a comma may stand before the decimals, as it can where
    cells are not separated by commas.
    """
    coded = column.dictionary_encode()
    texts = pc.utf8_trim_whitespace(coded.dictionary)
    blank = pc.is_in(texts, pa.array(MISSING_SPELLINGS))
    texts = pc.if_else(blank, pa.scalar(None, pa.string()), texts)
    if texts.null_count == len(texts):
        return Inferred(texts.take(coded.indices))
    typed, note = _typed(texts, comma_decimals)
    if typed is not None:
        return Inferred(typed.take(coded.indices), note=note)
    return Inferred(texts.take(coded.indices), mixed_row=_mixed_row(texts, coded.indices), note=note)


def _typed(texts: Values, comma_decimals: bool) -> tuple[Values | None, str]:
    if _all_match(texts, _TRUTH):
        return pc.equal(pc.utf8_lower(texts), pa.scalar("true")), ""
    number = _as_number(texts)
    if number is not None:
        return number, ""
    if comma_decimals and _all_match(texts, _COMMA_NUMBER) and not _any_match(texts, _LEADING_ZERO):
        return pc.cast(pc.replace_substring(texts, ",", "."), pa.float64()), "read with decimal commas"
    return as_dates(texts) if _any_match(texts, r"\d") else (None, "")


def _as_number(texts: Values) -> Values | None:
    if _all_match(texts, _INTEGER):
        if _any_match(texts, _LEADING_ZERO):
            return None
        try:
            return pc.cast(pc.replace_substring_regex(texts, r"^\+", ""), pa.int64())
        except pa.ArrowInvalid:
            return None
    return pc.cast(texts, pa.float64()) if _all_match(texts, _NUMBER) else None


def _mixed_row(texts: Values, indices: Values) -> int | None:
    """First row that is no number, if most rows of a column of texts are numbers."""
    rows = pc.match_substring_regex(texts, _NUMBER).take(indices)
    share = rows.cast(pa.int64()).sum().as_py() / (len(rows) - rows.null_count)
    return int(pc.index(rows, pa.scalar(False)).as_py()) if _MOSTLY <= share < 1 else None


def _all_match(texts: Values, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(texts, pattern)).as_py())


def _any_match(texts: Values, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(texts, pattern)).as_py())
