"""Makes values coarser until they fit many persons: bands, years, postcode areas, common categories."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Chunks
from secmlops.data.bands import banded
from secmlops.data.recognise.address import POSTCODE_HEADERS
from secmlops.data.recognise.header import header_words, names_one_of
from secmlops.data.values import ColumnType, numbers, text_form, type_of

OTHER = "other"


class DatePrecision(StrEnum):
    """What remains of a date."""

    YEAR = "year"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Coarseness:
    """``bands``: about how many for numbers; ``rare``: categories of fewer rows are merged; what remains of dates."""

    bands: int
    rare: int
    dates: DatePrecision


def generalise(name: str, column: Chunks, coarseness: Coarseness) -> Chunks:
    """Coarser values [n] of the column called ``name``; missing ones stay missing.

    Numbers become bands with readable edges, dates their year (int64) or month (text ``1980-05``), postcodes their
    area, other texts the common ones and ``other``.
    """
    kind = type_of(column)
    if names_one_of(header_words(name), POSTCODE_HEADERS) and kind in (ColumnType.TEXT, ColumnType.INTEGER):
        return _merged(_areas(text_form(column)), coarseness.rare)
    if kind in (ColumnType.DATE, ColumnType.TIMESTAMP):
        return _shortened(column, coarseness.dates)
    if kind in (ColumnType.INTEGER, ColumnType.NUMBER):
        names = banded(numbers(column), coarseness.bands)
        return pa.chunked_array([pa.array(names, pa.string(), mask=column.is_null().to_numpy())])
    return _merged(column, coarseness.rare) if kind is ColumnType.TEXT else column


def _shortened(column: Chunks, precision: DatePrecision) -> Chunks:
    shortened: Chunks
    if precision is DatePrecision.YEAR:
        shortened = pc.call_function("year", [column])
    else:
        shortened = pc.call_function("strftime", [column], pc.StrftimeOptions("%Y-%m"))
    return shortened


def _areas(codes: Chunks) -> Chunks:
    """First half of each code; of a British or Dutch one what stands before the space.

    Of a five-digit ZIP code three digits remain, as 45 CFR 164.514(b)(2)(i)(B) asks for.
    """
    trimmed: Chunks = pc.utf8_trim_whitespace(codes)
    trimmed = pc.replace_substring_regex(trimmed, r"[ -].*$", "")
    halved = pc.replace_substring_regex(trimmed, r"^(\d{2})\d{2}$", r"\1")
    return pc.replace_substring_regex(halved, r"^([A-Za-z]{0,2}\d{3})\d{2,3}$", r"\1")


def _merged(column: Chunks, rare: int) -> Chunks:
    coded = column.combine_chunks().dictionary_encode()
    counts = np.bincount(coded.indices.drop_null().to_numpy(), minlength=len(coded.dictionary))
    names = pc.if_else(pa.array(counts >= rare), coded.dictionary, pa.scalar(OTHER))
    return pa.chunked_array([names.take(coded.indices)])
