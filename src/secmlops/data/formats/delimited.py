"""Reads delimited text (CSV, RFC 4180, and its relatives) into a table of texts, and refuses what cannot be meant."""

import csv
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Literal

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
SAMPLE_BYTES = 256 * 1024
BLOCK_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Layout:
    """What the beginning of the file ``name`` says: its columns, how many lines name them, and what separates cells."""

    columns: tuple[str, ...]
    lines: int
    delimiter: str
    name: str


@dataclass(frozen=True, slots=True)
class Delimited:
    """``table`` holds every column as text, empty cells as null; ``text`` is the file in UTF-8, for line numbers."""

    table: pa.Table = field(repr=False)
    text: bytes = field(repr=False)
    layout: Layout

    def place(self, row: int) -> str:
        """File and line of a data row, counted from 0."""
        return f"{self.layout.name}, line {line_of_row([self.text], row)}"


def read_delimited(text: bytes, name: str) -> Delimited:
    """Read UTF-8 ``text``; raises InputError with the line for anything that is not one table with unique headers."""
    read = Delimited(pa.table({}), text, layout_of(text[:SAMPLE_BYTES], name))
    stream = pa.BufferReader(text)  # of which no byte is copied
    batches = list(texts_of(stream, read.layout, read.place))  # type: ignore[arg-type]  # the stubs name IO
    read = Delimited(pa.Table.from_batches(batches), text, read.layout)
    check_quotes(batches[-1], text.count(b'"'), lambda: read.place(read.table.num_rows - 1))
    return read


def layout_of(beginning: bytes, name: str) -> Layout:
    """Layout of the UTF-8 text that begins so; raises InputError when it is empty, or the header names no columns."""
    sample = beginning.decode("utf-8", errors="ignore")
    if not sample.strip():
        raise InputError("the file is empty", where=name, hint="give a table with a header line and at least two rows")
    delimiter = sniff_delimiter(sample)
    reader = csv.reader(sample.splitlines(keepends=True), delimiter=delimiter)
    try:
        header = next(record for record in reader if record)
    except csv.Error as error:
        raise InputError(f"the header cannot be read: {error}", where=f"{name}, line {reader.line_num}") from None
    names = [cell.strip() for cell in header]
    _check_names(names, delimiter, name)
    return Layout(tuple(names), reader.line_num, delimiter, name)


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


def texts_of(
    stream: IO[Any],
    layout: Layout,
    place: Callable[[int], str],
    columns: Sequence[str] | None = None,
    block: int = BLOCK_BYTES,
) -> Generator[pa.RecordBatch]:
    """Yield the rows of a UTF-8 text, as texts, about ``block`` bytes at a time: of these columns, of all by default.

    Arrow reads up to 32 blocks ahead. ``place`` tells where a row is, counted from 0. Raises InputError for rows of
    another length than the header, for rows of more than a block, for cells of more than 1,000,000 bytes, and for a
    text without rows.
    """
    ragged: list[tuple[int, int]] = []

    def refuse(row: arrow_csv.InvalidRow) -> Literal["skip", "error"]:
        ragged.append(((row.number or 0) - layout.lines - 1, row.actual_columns))
        return "error"

    rows = 0
    try:
        with arrow_csv.open_csv(stream, **_options(layout, refuse, columns, block)) as reader:
            for batch in reader:
                _check_cells(batch, rows, place)
                rows += batch.num_rows
                yield batch
    except pa.ArrowInvalid as error:
        if ragged:
            row, cells = ragged[0]
            raise InputError(
                f"{counted(cells, 'cell')} where the header has {len(layout.columns)}",
                where=place(row),
                hint="put cells that hold the separator or a line end in double quotes",
            ) from None
        raise _unreadable(str(error), layout.name, block) from None
    if not rows:
        raise InputError("a header and no rows", where=layout.name, hint="give a table with at least two rows")


def _options(
    layout: Layout,
    refuse: Callable[[arrow_csv.InvalidRow], Literal["skip", "error"]],
    columns: Sequence[str] | None,
    block: int,
) -> dict[str, Any]:
    return {
        "read_options": arrow_csv.ReadOptions(
            use_threads=False, block_size=block, column_names=list(layout.columns), skip_rows=layout.lines
        ),
        "parse_options": arrow_csv.ParseOptions(
            delimiter=layout.delimiter, newlines_in_values=True, invalid_row_handler=refuse
        ),
        "convert_options": arrow_csv.ConvertOptions(
            column_types={name: pa.string() for name in layout.columns},
            strings_can_be_null=True,
            null_values=[""],
            include_columns=None if columns is None else list(columns),
        ),
    }


def _unreadable(message: str, name: str, block: int) -> InputError:
    if "straddling" in message:
        return InputError(
            f"a row of more than {block // 2**20} MiB", where=name, hint="look for a quote that is never closed"
        )
    if "skip initial" in message or "Empty CSV" in message:
        return InputError("a header and no rows", where=name, hint="give a table with at least two rows")
    return InputError("the text cannot be read as a table", where=name, hint="export it again as CSV in UTF-8")


def _check_cells(batch: pa.RecordBatch, before: int, place: Callable[[int], str]) -> None:
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        lengths = pc.call_function("binary_length", [column])
        longest = pc.max(lengths).as_py() or 0
        if longest > MAX_CELL_BYTES:
            raise InputError(
                f"a cell of {longest} bytes in column {name!r}, at most {MAX_CELL_BYTES} are read",
                where=place(before + pc.index(lengths, longest).as_py()),
                hint="keep documents in files of their own, or look for a quote that is never closed",
            )


def check_quotes(last: pa.RecordBatch, quotes: int, place: Callable[[], str]) -> None:
    """Raise InputError for a quote that is never closed: the parser takes the rest of the text for one cell silently.

    ``last`` are the last rows of the text, which has so many ``quotes``; ``place`` tells where the very last one is.
    """
    row = last.slice(last.num_rows - 1)
    swallowed = any("\n" in (cell or "") for column in row.columns for cell in column.to_pylist())
    if swallowed and quotes % 2:
        raise InputError("a quote is opened and never closed", where=place(), hint='write a quote inside a cell as ""')
