"""Reads Parquet into a table of plain columns, and refuses what no model or check could use."""

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from secmlops.core.errors import InputError
from secmlops.data.arrow import Values
from secmlops.data.formats.delimited import MAX_CELL_BYTES, MAX_COLUMNS
from secmlops.data.formats.plain import plain, plain_schema

MAX_UNPACKED_BYTES = 16 * 1024**3


def read_parquet(data: bytes, name: str) -> pa.Table:
    """Table in the Parquet bytes ``data``, with plain column types, as ``plain`` says.

    Raises InputError for broken files, nested columns, texts of more than 1,000,000 bytes, and files that unpack to
    more than 16 GiB, whatever they claim.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        _check_shape(file, name)
        names = plain_schema(file.schema_arrow, name).names
        coded = pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts_of(file.schema_arrow))
        table = _unpacked(coded, name)
    except (pa.ArrowException, OSError) as error:
        what = "encrypted Parquet" if data[-4:] == b"PARE" else "the Parquet file cannot be read"
        raise InputError(f"{what} ({type(error).__name__})", where=name, hint="write it again, unencrypted") from None
    return pa.table({n: plain(table[n], f"{name}, column {n}") for n in names})


def _check_shape(file: pq.ParquetFile, name: str) -> None:
    metadata = file.metadata
    if metadata.num_columns > MAX_COLUMNS:
        raise InputError(f"{metadata.num_columns} columns, at most {MAX_COLUMNS} are read", where=name)
    _check_size(sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups)), name)


def _check_size(unpacked: int, name: str) -> None:
    if unpacked > MAX_UNPACKED_BYTES:
        raise InputError(f"the file unpacks to {unpacked} bytes, at most {MAX_UNPACKED_BYTES} are read", where=name)


def _unpacked(file: pq.ParquetFile, name: str) -> pa.Table:
    """Table whose texts are still coded: a file of a few bytes may repeat a long one in millions of rows."""
    batches: list[pa.RecordBatch] = []
    size = 0
    for batch in file.iter_batches(use_threads=False):
        size += unpacked_bytes(batch, name)
        _check_size(size, name)
        batches.append(batch)
    return pa.Table.from_batches(batches, file.schema_arrow)


def texts_of(schema: pa.Schema) -> list[str]:
    """Columns of texts: to be read as codes, and measured, before they are decoded."""
    return [field.name for field in schema if _is_text(field.type)]


def unpacked_bytes(batch: pa.RecordBatch, name: str) -> int:
    """Bytes that a batch of the file ``name`` has when its texts are decoded; raises InputError for one too long."""
    named = zip(batch.schema.names, batch.columns, strict=True)
    return sum(_size(column, f"{name}, column {field}") for field, column in named)


def _size(column: Values, where: str) -> int:
    """Bytes of the values of a column, coded or not, when they are decoded."""
    if not isinstance(column, pa.DictionaryArray) or not _is_text(column.type):
        return column.nbytes
    lengths = pc.call_function("binary_length", [column.dictionary])
    longest = pc.max(lengths).as_py() or 0
    if longest > MAX_CELL_BYTES:
        what = f"a cell of {longest} bytes, at most {MAX_CELL_BYTES} are read"
        raise InputError(what, where=where, hint="keep documents in files of their own")
    return int(pc.sum(lengths.take(column.indices).cast(pa.int64())).as_py() or 0) + 4 * len(column)


def _is_text(kind: pa.DataType) -> bool:
    values = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(values) or pa.types.is_large_string(values) or pa.types.is_string_view(values)
