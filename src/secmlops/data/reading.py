"""Reads a table from the bytes of a CSV or Parquet file, and says what was doubtful about it."""

from dataclasses import dataclass, field
from pathlib import PurePath

import pyarrow as pa

from secmlops.core.counting import counted
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity
from secmlops.data.formats.delimited import read_delimited
from secmlops.data.formats.inference import infer
from secmlops.data.formats.parquet import read_parquet
from secmlops.data.formats.text import to_utf8

MINIMUM_ROWS = 2
_FOREIGN = (
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet", "export the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet", "export the sheet as CSV"),
    (b"\x1f\x8b", "compressed with gzip", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard", "unpack it first"),
    (b"\x80\x04", "a pickle", "pickles can run code and are never read; write CSV or Parquet"),
    (b"\x93NUMPY", "a NumPy array", "write CSV or Parquet"),
    (b"ARROW1", "an Arrow file", "write CSV or Parquet"),
    (b"{", "JSON", "write CSV or Parquet"),
    (b"<", "HTML or XML", "write CSV or Parquet"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """``table`` with columns of bool, int64, float64, string, date32 or timestamp[us], null where missing.

    ``notes`` are findings of severity note or warning: guesses that were made, and where.
    """

    table: pa.Table = field(repr=False)
    notes: tuple[Finding, ...]


def read_table(data: bytes, name: str) -> Reading:
    """Read the bytes of the file ``name``; the content decides whether they are Parquet or delimited text.

    Raises InputError with file, line and advice when the bytes are not one table of at least two rows with unique
    column names.
    """
    if data[:4] in (b"PAR1", b"PARE"):
        reading = Reading(read_parquet(data, name), ())
    elif PurePath(name).suffix.lower() in (".parquet", ".pq"):
        raise InputError("named Parquet, but its first bytes are not", where=name, hint="write the file again")
    else:
        reading = _read_text(data, name)
    if reading.table.num_rows < MINIMUM_ROWS:
        raise InputError(
            f"a table of {counted(reading.table.num_rows, 'row')}: nothing to learn from",
            where=name,
            hint="give at least two rows, and to train on, ten",
        )
    return reading


def refuse_foreign(beginning: bytes, name: str) -> None:
    """Raise InputError for a file of another kind, known by how it begins."""
    for magic, what, advice in _FOREIGN:
        if beginning.startswith(magic):
            raise InputError(f"this is {what}, not a table", where=name, hint=advice)


def guessed(column: str, note: str, name: str) -> Finding:
    """Say how the texts of a column were read, where that was not obvious."""
    return Finding("reading.guess", Severity.NOTE, f"column {column!r}: {note}", where=name)


def mixed(column: str, place: str) -> Finding:
    """Say that a column of numbers has texts in it, and where the first is."""
    told = f"column {column!r} holds numbers and texts, so all of it is read as text"
    hint = "this line has the first text; leave the cell empty where a number is missing"
    return Finding("reading.mixed-types", Severity.WARNING, told, where=place, hint=hint)


def _read_text(data: bytes, name: str) -> Reading:
    refuse_foreign(data, name)
    text, notes = to_utf8(data, name)
    read = read_delimited(text, name)
    texts = {column: read.table[column].combine_chunks() for column in read.table.column_names}
    columns = infer(texts, comma_decimals=read.layout.delimiter != ",")
    told = list(notes)
    for column, found in columns.items():
        told += [guessed(column, found.note, name)] if found.note else []
        told += [mixed(column, read.place(found.mixed_row))] if found.mixed_row is not None else []
    return Reading(pa.table({column: found.values for column, found in columns.items()}), tuple(told))
