"""Makes values coarser until they fit many persons: bands, years, postcode areas, common categories."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Chunks, Values
from secmlops.data.bands import banded_by, sensible_edges
from secmlops.data.recognise.address import POSTCODE_HEADERS
from secmlops.data.recognise.header import header_words, names_one_of
from secmlops.data.values import ColumnType, numbers, text_form, type_of

OTHER = "other"
_COUNTED_AT_ONCE: Final = 1_000_000


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


Generaliser = Callable[[Chunks], Chunks]
"""Makes any part of one column coarser, in the way that was found for all of it."""


def generalise(name: str, column: Chunks, coarseness: Coarseness) -> Chunks:
    """Coarser values [n] of the column called ``name``; missing ones stay missing.

    Numbers become bands with readable edges, dates their year (int64) or month (text ``1980-05``), postcodes their
    area, other texts the common ones and ``other``.
    """
    return generaliser(name, type_of(column), [column], coarseness)(column)


def generaliser(name: str, kind: ColumnType, parts: Iterable[Chunks], coarseness: Coarseness) -> Generaliser:
    """Find how ``generalise`` treats the column called ``name``, of which ``parts`` are all the parts.

    Memory: 8 bytes for each number, the distinct texts, and nothing for dates, of which no part is looked at.
    """
    if names_one_of(header_words(name), POSTCODE_HEADERS) and kind in (ColumnType.TEXT, ColumnType.INTEGER):
        common = _common((_areas(text_form(part)) for part in parts), coarseness.rare)
        return lambda column: _merged(_areas(text_form(column)), common)
    if kind in (ColumnType.DATE, ColumnType.TIMESTAMP):
        return lambda column: _shortened(column, coarseness.dates)
    if kind in (ColumnType.INTEGER, ColumnType.NUMBER):
        edges = sensible_edges(np.concatenate([np.empty(0), *map(numbers, parts)]), coarseness.bands)
        return lambda column: _in_bands(column, edges)
    if kind is ColumnType.TEXT:
        often = _common(parts, coarseness.rare)
        return lambda column: _merged(column, often)
    return lambda column: column


def _in_bands(column: Chunks, edges: npt.NDArray[np.float64]) -> Chunks:
    names = banded_by(numbers(column), edges)
    return pa.chunked_array([pa.array(names, pa.string(), mask=column.is_null().to_numpy())])


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


def _merged(column: Chunks, common: Values) -> Chunks:
    rare = pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, common)))
    merged: Chunks = pc.if_else(rare, pa.scalar(OTHER), column)
    return merged


def _common(parts: Iterable[Chunks], rare: int) -> Values:
    """Values that at least ``rare`` rows have, counted over all parts."""
    counts = pa.table({"value": pa.array([], pa.string()), "rows": pa.array([], pa.int64())})
    found: list[pa.Table] = []
    for part in parts:
        counted = pc.value_counts(part.drop_null())
        found.append(pa.table({"value": counted.field("values"), "rows": counted.field("counts")}))
        if sum(one.num_rows for one in found) > max(_COUNTED_AT_ONCE, counts.num_rows):
            counts, found = _summed([counts, *found]), []
    counts = _summed([counts, *found])
    chosen = counts.filter(pc.greater_equal(counts["rows"], pa.scalar(rare)))
    return chosen["value"].combine_chunks()


def _summed(counts: list[pa.Table]) -> pa.Table:
    summed = pa.concat_tables(counts).group_by("value", use_threads=False).aggregate([("rows", "sum")])
    return summed.rename_columns(["value", "rows"])
