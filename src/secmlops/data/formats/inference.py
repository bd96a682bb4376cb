"""Decides what the texts of a column mean: truth values, whole numbers, numbers, days, moments, or texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Chunks, Values
from secmlops.data.formats import dates, separators
from secmlops.data.formats.dates import as_dates, exists
from secmlops.data.formats.facts import Fact, Gathered, Known, all_match, known_of
from secmlops.data.formats.meaning import Meaning, text
from secmlops.data.formats.separators import (
    LEADING_ZERO,
    WHOLE,
    dotted_thousands,
    has_decimal_commas,
    is_like_a_number,
    separated_numbers,
)
from secmlops.runtime.signature import MISSING_SPELLINGS

_MOSTLY = 0.5
_NUMBERS = r"^[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?|(?i:inf(inity)?))$"
_TRUE_OR_FALSE = Meaning(pa.bool_(), lambda texts: pc.equal(pc.utf8_lower(texts), pa.scalar("true")))
_INTEGER = Meaning(pa.int64(), lambda texts: pc.cast(pc.replace_substring_regex(texts, r"^\+", ""), pa.int64()))
_FLOAT = Meaning(pa.float64(), lambda texts: pc.cast(texts, pa.float64()))

_FILLED = Fact(lambda texts: texts.null_count < len(texts), every=False)
_TRUTH = all_match(r"^(?i:true|false)$")
_FITS = exists(_INTEGER, WHOLE)
_NUMBER = all_match(_NUMBERS, implied=WHOLE)
_FACTS: Final = (_FILLED, _TRUTH, *separators.FACTS, _FITS, _NUMBER, *dates.FACTS)

Column = TypeVar("Column", Values, Chunks)


@dataclass(frozen=True, slots=True)
class Inferred:
    """``values`` in their type. ``mixed_row``: first row, from 0, that is no number in a column that mostly is.

    ``note`` says in words when the meaning was not obvious, and is empty otherwise.
    """

    values: Values
    mixed_row: int | None = None
    note: str = ""


def infer(columns: Mapping[str, Values], comma_decimals: bool) -> Mapping[str, Inferred]:
    """Infer the types of the string arrays of a file; nulls and the usual spellings of a missing value become null.

    The patterns run over the distinct texts only. Whole numbers with leading zeros (postcodes, identifiers) and
    numbers beyond 64 bits stay texts. ``comma_decimals``: a comma may stand before the decimals, as it can where
    cells are not separated by commas; if it does in one column, ``1.169`` is more than a thousand in all others.
    """
    dotted = comma_decimals and any(
        has_decimal_commas(known_of(known_texts(column.unique()))) for column in columns.values()
    )
    return {name: _inferred(column, comma_decimals, dotted) for name, column in columns.items()}


def meanings_of(columns: Mapping[str, Known], comma_decimals: bool) -> Mapping[str, Meaning]:
    """Meaning of each column of a file, by what is known of its texts, as ``infer`` finds it."""
    dotted = comma_decimals and any(has_decimal_commas(known) for known in columns.values())
    return {name: _meaning(known, comma_decimals, dotted) for name, known in columns.items()}


def read_as(meaning: Meaning, column: Values) -> Values:
    """Values of a part of a column; raises ArrowInvalid if the texts are not what the meaning was told from."""
    coded = column.dictionary_encode()
    return meaning.convert(known_texts(coded.dictionary)).take(coded.indices)


class ColumnSeen:
    """What is known of a column that goes by in parts.

    ``mixed_row`` is as in ``Inferred``, with the parts up to the first that is not all numbers as the whole column.
    """

    def __init__(self) -> None:
        self.known = Gathered(_FACTS)
        self.mixed_row: int | None = None
        self._rows = self._filled = 0

    def add(self, column: Values) -> None:
        """Look at one more part: once no type but text is left, at nothing of it."""
        if not self.known.is_settled:
            self._look(column)
        self._rows += len(column)

    def _look(self, column: Values) -> None:
        coded = column.dictionary_encode()
        texts = known_texts(coded.dictionary)
        if texts.null_count == len(texts):
            return
        numbers = self._numbers
        self.known.add(texts)
        if numbers and not self._numbers:
            self.mixed_row = _mixed_row(texts, coded.indices, self._rows, self._filled)
        self._filled += len(column) - texts.take(coded.indices).null_count

    @property
    def _numbers(self) -> bool:
        return self.known(_NUMBER) or separators.can_be_numbers(self.known)


def known_texts(column: Column) -> Column:
    """Texts without spaces around them, null where they spell a missing value: see ``signature.category_of``."""
    texts = pc.utf8_trim_whitespace(column)
    blank = pc.is_in(texts, pa.array(MISSING_SPELLINGS))
    known: Column = pc.if_else(blank, pa.scalar(None, pa.string()), texts)
    return known


def _inferred(column: Values, comma_decimals: bool, dotted: bool) -> Inferred:
    coded = column.dictionary_encode()
    texts = known_texts(coded.dictionary)
    meaning = _meaning(known_of(texts), comma_decimals, dotted)
    plain = pa.types.is_string(meaning.kind) and texts.null_count < len(texts)
    mixed = _mixed_row(texts, coded.indices) if plain else None
    return Inferred(meaning.convert(texts).take(coded.indices), mixed, meaning.note)


def _meaning(known: Known, comma_decimals: bool, dotted: bool) -> Meaning:
    if not known(_FILLED):
        return text()
    if known(_TRUTH):
        return _TRUE_OR_FALSE
    found = dotted_thousands(known) if dotted else None
    return found or _number(known) or separated_numbers(known, comma_decimals) or as_dates(known) or text()


def _number(known: Known) -> Meaning | None:
    if known(WHOLE):
        return _INTEGER if not known(LEADING_ZERO) and known(_FITS) else None
    return _FLOAT if known(_NUMBER) else None


def _mixed_row(texts: Values, indices: Values, before: int = 0, numbers_before: int = 0) -> int | None:
    """First row that is no number, if most rows of a column of texts are numbers.

    ``before`` these rows there were others, of which ``numbers_before`` had a value, always a number.
    """
    numbers = pc.or_(pc.match_substring_regex(texts, _NUMBERS), is_like_a_number(texts))
    rows = numbers.take(indices)
    filled = numbers_before + len(rows) - rows.null_count
    share = (numbers_before + (rows.cast(pa.int64()).sum().as_py() or 0)) / filled
    return before + int(pc.index(rows, pa.scalar(False)).as_py()) if _MOSTLY <= share < 1 else None
