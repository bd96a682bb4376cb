"""Questions about one column that every part of this room asks: its kind, its text form, its numbers."""

from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Chunks


class ColumnType(StrEnum):
    """The types a column of a table that was read can have."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TEXT = "text"


_TYPES = {
    pa.bool_(): ColumnType.BOOLEAN,
    pa.int64(): ColumnType.INTEGER,
    pa.float64(): ColumnType.NUMBER,
    pa.date32(): ColumnType.DATE,
    pa.timestamp("us"): ColumnType.TIMESTAMP,
    pa.string(): ColumnType.TEXT,
}


def type_of(column: Chunks) -> ColumnType:
    """Type of a column that ``read_table`` made; raises KeyError for any other Arrow type."""
    return _TYPES[column.type]


def text_form(column: Chunks) -> Chunks:
    """Values as text, null where missing: ``1`` for 1 and 1.0, ``true`` and ``false``, dates in ISO 8601."""
    if pa.types.is_floating(column.type):
        return pc.replace_substring_regex(column.cast(pa.string()), r"\.0$", "")
    return column.cast(pa.string())


def numbers(column: Chunks) -> npt.NDArray[np.float64]:
    """Values as float64 [n], NaN where missing; days, with fractions for moments, since 1970-01-01 for dates."""
    if pa.types.is_timestamp(column.type):
        micros = column.cast(pa.int64()).cast(pa.float64(), safe=False)
        return _dense(pc.divide(micros, pa.scalar(86_400e6)))
    if pa.types.is_date(column.type):
        column = column.cast(pa.int32())
    return _dense(column.cast(pa.float64(), safe=False))


def _dense(column: Chunks) -> npt.NDArray[np.float64]:
    filled: Chunks = pc.if_else(pc.is_valid(column), column, pa.scalar(np.nan, pa.float64()))
    return filled.to_numpy()


def texts(column: Chunks, missing: str) -> npt.NDArray[np.object_]:
    """Text forms as an array of str [n], ``missing`` where null."""
    forms = text_form(column)
    filled: Chunks = pc.if_else(pc.is_valid(forms), forms, pa.scalar(missing))
    return filled.to_numpy()


def codes(column: Chunks) -> npt.NDArray[np.int64]:
    """Code [n] of each value, from 0 in order of appearance; a missing value is a value of its own."""
    coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return coded.indices.cast(pa.int64()).to_numpy()


def factorise(values: npt.NDArray[np.int64] | npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Code [n] of each number, from 0 in order of appearance."""
    return codes(pa.chunked_array([pa.array(values)]))


def distinct(column: Chunks) -> int:
    """Number of different values, the missing one not counted."""
    return int(pc.count_distinct(column, mode="only_valid").as_py())
