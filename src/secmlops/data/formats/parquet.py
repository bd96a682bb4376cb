"""Reads Parquet into a table of plain columns, and refuses what no model or check could use."""

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from secmlops.core.errors import InputError
from secmlops.data.arrow import Chunks
from secmlops.data.formats.delimited import MAX_COLUMNS
from secmlops.data.formats.inference import known_texts

MAX_UNPACKED_BYTES = 16 * 1024**3
_INDEX_PREFIX = "__index_level_"


def read_parquet(data: bytes, name: str) -> pa.Table:
    """Table in the Parquet bytes ``data``, with plain column types.

    Integers become int64, other numbers float64, texts and dictionaries string, moments timestamp[us] in UTC, days
    date32; NaN and texts that are empty or spell a missing value become null, spaces around texts go. Raises InputError
    for broken files, nested columns, and files that claim to unpack to more than 16 GiB.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        _check_shape(file, name)
        table = file.read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        what = "encrypted Parquet" if data[-4:] == b"PARE" else "the Parquet file cannot be read"
        raise InputError(f"{what} ({type(error).__name__})", where=name, hint="write it again, unencrypted") from None
    names = [n for n in table.column_names if not n.startswith(_INDEX_PREFIX)]
    _check_names(table.column_names, name)
    return pa.table({n: _plain(table[n], f"{name}, column {n}") for n in names})


def _check_shape(file: pq.ParquetFile, name: str) -> None:
    metadata = file.metadata
    if metadata.num_columns > MAX_COLUMNS:
        raise InputError(f"{metadata.num_columns} columns, at most {MAX_COLUMNS} are read", where=name)
    unpacked = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if unpacked > MAX_UNPACKED_BYTES:
        raise InputError(f"the file unpacks to {unpacked} bytes, at most {MAX_UNPACKED_BYTES} are read", where=name)


def _check_names(names: list[str], name: str) -> None:
    if len(set(names)) != len(names) or not all(n.strip() for n in names):
        raise InputError("columns without a name, or with the same name", where=name, hint="rename the columns")


def _plain(column: Chunks, where: str) -> Chunks:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type), where)
    target = _plain_type(kind)
    if target is None:
        raise InputError(f"a column of type {kind}", where=where, hint="flatten it to numbers, texts or dates, or drop")
    try:
        plain = column.cast(target)
    except pa.ArrowInvalid:
        raise InputError(f"values of type {kind} that do not fit into {target}", where=where) from None
    return _without_blanks(plain)


def _plain_type(kind: pa.DataType) -> pa.DataType | None:
    types = pa.types
    if types.is_boolean(kind) or types.is_date32(kind):
        return kind
    if types.is_integer(kind):
        return pa.int64()
    if types.is_floating(kind) or types.is_decimal(kind):
        return pa.float64()
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind) or types.is_null(kind):
        return pa.string()
    if types.is_timestamp(kind):
        return pa.timestamp("us")
    return pa.date32() if types.is_date64(kind) else None


def _without_blanks(column: Chunks) -> Chunks:
    missing = pa.scalar(None, column.type)
    cleaned = column
    if pa.types.is_floating(column.type):
        cleaned = pc.if_else(pc.is_nan(column), missing, column)
    elif pa.types.is_string(column.type):
        cleaned = known_texts(column)
    return cleaned
