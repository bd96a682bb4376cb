"""Reads Parquet into a table of plain columns, and refuses what no model or check could use."""

import pyarrow as pa
import pyarrow.parquet as pq

from secmlops.core.errors import InputError
from secmlops.data.formats.delimited import MAX_COLUMNS
from secmlops.data.formats.plain import plain, plain_schema

MAX_UNPACKED_BYTES = 16 * 1024**3


def read_parquet(data: bytes, name: str) -> pa.Table:
    """Table in the Parquet bytes ``data``, with plain column types, as ``plain`` says.

    Raises InputError for broken files, nested columns, and files that claim to unpack to more than 16 GiB.
    """
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        _check_shape(file, name)
        table = file.read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        what = "encrypted Parquet" if data[-4:] == b"PARE" else "the Parquet file cannot be read"
        raise InputError(f"{what} ({type(error).__name__})", where=name, hint="write it again, unencrypted") from None
    names = plain_schema(table.schema, name).names
    return pa.table({n: plain(table[n], f"{name}, column {n}") for n in names})


def _check_shape(file: pq.ParquetFile, name: str) -> None:
    metadata = file.metadata
    if metadata.num_columns > MAX_COLUMNS:
        raise InputError(f"{metadata.num_columns} columns, at most {MAX_COLUMNS} are read", where=name)
    unpacked = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if unpacked > MAX_UNPACKED_BYTES:
        raise InputError(f"the file unpacks to {unpacked} bytes, at most {MAX_UNPACKED_BYTES} are read", where=name)
