"""Writing tables that come part by part as CSV or Parquet, whole or not at all."""

import contextlib
import io
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from secmlops.core.errors import InputError
from secmlops.data.arrow import Chunks
from secmlops.data.formats.formula_guard import guard_formulas, guarded_text


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows were written, and how many cells got a quote so that no spreadsheet runs them."""

    rows: int
    guarded: int = 0


def write_csv(tables: Iterable[pa.Table], sink: BinaryIO) -> Written:
    """Write CSV in UTF-8 with a header (RFC 4180), each text guarded against formula injection.

    Raises InputError for a column that is no text in CSV: bytes, lists, structures.
    """
    rows = guarded = 0
    for number, table in enumerate(tables):
        safe = [guard_formulas(_plain(table[name], name)) for name in table.column_names]
        guarded += sum(count for _, count in safe)
        names = [guarded_text(name) for name in table.column_names]
        options = pa_csv.WriteOptions(include_header=number == 0)
        pa_csv.write_csv(pa.Table.from_arrays([column for column, _ in safe], names=names), sink, options)
        rows += table.num_rows
    return Written(rows, guarded)


def _plain(column: Chunks, name: str) -> Chunks:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type), name)
    if pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return column.cast(pa.string())
    if pa.types.is_nested(kind) or not (pa.types.is_primitive(kind) or _is_text(kind) or pa.types.is_decimal(kind)):
        raise InputError(f"a column of type {kind} cannot be written as CSV", where=name, hint="write .parquet")
    return column


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def write_parquet(tables: Iterable[pa.Table], sink: BinaryIO) -> Written:
    """Write plain Parquet."""
    rows = 0
    writer: pq.ParquetWriter | None = None
    try:
        for table in tables:
            writer = writer or pq.ParquetWriter(sink, table.schema, compression="zstd")
            writer.write_table(table)
            rows += table.num_rows
    finally:
        if writer is not None:
            writer.close()
    return Written(rows)


def write_table_file(tables: Iterable[pa.Table], path: Path) -> Written:
    """Write the file that the ending of ``path`` asks for, in one step: when the tables stop, nothing is left of it.

    It is readable for its owner alone. Raises InputError for another ending, and when it cannot be written.
    """
    check_ending(path)
    with whole_file(path) as sink:
        return write_table(tables, path.suffix, sink)


def write_table(tables: Iterable[pa.Table], ending: str, sink: BinaryIO) -> Written:
    """Write what the file that ``ending`` asks for holds."""
    return _WRITERS[ending.lower()](tables, sink)


def table_bytes(table: pa.Table, ending: str) -> bytes:
    """Bytes of the file that ``write_table_file`` writes for this ending."""
    sink = io.BytesIO()
    write_table([table], ending, sink)
    return sink.getvalue()


def check_ending(path: Path) -> None:
    """Raise InputError for a file that is named neither ``.csv`` nor ``.parquet``."""
    if path.suffix.lower() not in _WRITERS:
        raise InputError("the file is neither .csv nor .parquet", where=str(path), hint="name it so")


_WRITERS: Mapping[str, Callable[[Iterable[pa.Table], BinaryIO], Written]] = MappingProxyType(
    {".csv": write_csv, ".parquet": write_parquet}
)


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A stream into a fresh file that takes the place of ``path`` at the end, and is removed when something stops."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as sink:
                yield sink
                sink.flush()
                os.fsync(descriptor)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        if error.errno is None:
            raise
        raise InputError(f"cannot be written: {error.strerror}", where=str(path)) from None
