"""Takes a source down as the bytes of one Parquet file, for whatever needs the whole table: evidence names these."""

from collections.abc import Iterator
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from secmlops.data.columns.grouping import regrouped
from secmlops.data.sources.memory import Allowance
from secmlops.data.sources.source import TableSource

GROUP_ROWS: Final = 128 * 1024


def captured(source: TableSource, allowance: Allowance) -> bytes:
    """Bytes of one Parquet file with the rows of ``source``: the same for the same rows, however they were divided.

    Raises InputError before memory runs out, and what reading the source raises.
    """
    allowance.claim(source.size or 0, source.name)
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, source.schema, compression="zstd", store_schema=False) as writer:
        for table in regrouped(_claimed(source, allowance), source.schema, GROUP_ROWS):
            writer.write_table(table.combine_chunks(), row_group_size=GROUP_ROWS)
    return sink.getvalue().to_pybytes()


def _claimed(source: TableSource, allowance: Allowance) -> Iterator[pa.RecordBatch]:
    """Batches, counted: what a source said of its size may be too little."""
    size = 0
    for batch in source.batches():
        size += batch.nbytes
        allowance.claim(size, source.name)
        yield batch
