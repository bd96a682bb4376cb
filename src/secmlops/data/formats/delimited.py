"""Reads delimited text (CSV, RFC 4180, and its relatives) into a table of texts, and refuses what cannot be meant."""

import csv
import io
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from secmlops.core.counting import counted
from secmlops.core.errors import InputError
from secmlops.data.formats.delimiter import DELIMITERS, sniff_delimiter
from secmlops.data.formats.lines import line_of_row
from secmlops.data.presentable import is_presentable

MAX_COLUMNS = 10_000
MAX_CELL_BYTES = 1_000_000
_SAMPLE_BYTES = 256 * 1024
_BLOCK_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Delimited:
    """``table`` holds every column as text, empty cells as null; ``text`` is the file in UTF-8, for line numbers."""

    table: pa.Table = field(repr=False)
    text: bytes = field(repr=False)
    delimiter: str
    name: str

    def place(self, row: int) -> str:
        """File and line of a data row, counted from 0."""
        return f"{self.name}, line {line_of_row(self.text, row)}"


@dataclass(frozen=True, slots=True)
class _Header:
    names: list[str]
    lines: int


def read_delimited(text: bytes, name: str) -> Delimited:
    """Read UTF-8 ``text``; raises InputError with the line for anything that is not one table with unique headers."""
    sample = text[:_SAMPLE_BYTES].decode("utf-8", errors="ignore")
    if not sample.strip():
        raise InputError("the file is empty", where=name, hint="give a table with a header line and at least two rows")
    delimiter = sniff_delimiter(sample)
    header = _header(sample, delimiter, name)
    _check_names(header.names, delimiter, name)
    table = _parse(text, delimiter, header, name)
    result = Delimited(table, text, delimiter, name)
    _check_cells(result)
    return result


def _header(sample: str, delimiter: str, name: str) -> _Header:
    reader = csv.reader(sample.splitlines(keepends=True), delimiter=delimiter)
    try:
        header = next(record for record in reader if record)
    except csv.Error as error:
        raise InputError(f"the header cannot be read: {error}", where=f"{name}, line {reader.line_num}") from None
    return _Header([cell.strip() for cell in header], reader.line_num)


def _check_names(names: list[str], delimiter: str, name: str) -> None:
    where = f"{name}, header"
    if len(names) == 1:
        _check_single(names[0], where)
    if len(names) > MAX_COLUMNS:
        raise InputError(f"{len(names)} columns, at most {MAX_COLUMNS} are read", where=where)
    empty = [i for i, n in enumerate(names, start=1) if not n]
    if empty:
        shown = ", ".join(map(str, empty[:10]))
        advice = f"name every column; a {delimiter!r} too many at the end of the header line also does this"
        raise InputError(f"columns without a name: number {shown}", where=where, hint=advice)
    double = [n for n, count in Counter(names).items() if count > 1]
    if double:
        shown = ", ".join(repr(n) if is_presentable(n) else f"number {names.index(n) + 1}" for n in double[:10])
        raise InputError(f"column names that appear twice: {shown}", where=where, hint="rename one of each")
    if all(_is_number(n) for n in names):
        raise InputError("the first line holds numbers, not column names", where=where, hint="add a header line")


def _check_single(only: str, where: str) -> None:
    inside = [c for c in (*DELIMITERS, "^", "~", ":") if c in only]
    if inside:
        raise InputError(
            f"one single column, but its name holds the separator {inside[0]!r}",
            where=where,
            hint="separate cells by comma, semicolon, tab or bar, and do not put whole lines in quotes",
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _parse(text: bytes, delimiter: str, header: _Header, name: str) -> pa.Table:
    ragged: list[tuple[int, int]] = []

    def refuse(row: arrow_csv.InvalidRow) -> Literal["skip", "error"]:
        ragged.append(((row.number or 0) - header.lines - 1, row.actual_columns))
        return "error"

    try:
        return arrow_csv.read_csv(
            io.BytesIO(text),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=_BLOCK_BYTES, column_names=header.names, skip_rows=header.lines
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=refuse
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={n: pa.string() for n in header.names}, strings_can_be_null=True, null_values=[""]
            ),
        )
    except pa.ArrowInvalid as error:
        if ragged:
            row, cells = ragged[0]
            raise InputError(
                f"{counted(cells, 'cell')} where the header has {len(header.names)}",
                where=f"{name}, line {line_of_row(text, row)}",
                hint="put cells that hold the separator or a line end in double quotes",
            ) from None
        raise _unreadable(str(error), name) from None


def _unreadable(message: str, name: str) -> InputError:
    if "straddling" in message:
        return InputError("a row of more than 64 MiB", where=name, hint="look for a quote that is never closed")
    if "skip initial" in message:
        return InputError("a header and no rows", where=name, hint="give a table with at least two rows")
    return InputError("the text cannot be read as a table", where=name, hint="export it again as CSV in UTF-8")


def _check_cells(read: Delimited) -> None:
    table = read.table
    if table.num_rows == 0:
        raise InputError("a header and no rows", where=read.name, hint="give a table with at least two rows")
    _check_quotes(read)
    for column in table.column_names:
        lengths = pc.binary_length(table[column])
        longest = pc.max(lengths).as_py() or 0
        if longest > MAX_CELL_BYTES:
            row = pc.index(lengths, longest).as_py()
            raise InputError(
                f"a cell of {longest} bytes in column {column!r}, at most {MAX_CELL_BYTES} are read",
                where=read.place(row),
                hint="keep documents in files of their own, or look for a quote that is never closed",
            )


def _check_quotes(read: Delimited) -> None:
    """Refuse a quote that is never closed: the parser takes the rest of the file for one cell without a word."""
    last = read.table.slice(read.table.num_rows - 1)
    swallowed = any("\n" in (cell or "") for column in last.columns for cell in column.to_pylist())
    if swallowed and read.text.count(b'"') % 2:
        where = read.place(read.table.num_rows - 1)
        raise InputError("a quote is opened and never closed", where=where, hint='write a quote inside a cell as ""')
