"""Takes a source down as the bytes of one Parquet file, for whatever needs the whole table: evidence names these."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from typing import IO, Any, Final, cast

import pyarrow as pa
import pyarrow.parquet as pq

from secmlops.core.digest import Digest
from secmlops.data.columns.grouping import regrouped
from secmlops.data.sources.memory import Allowance
from secmlops.data.sources.source import TableSource

GROUP_ROWS: Final = 128 * 1024


def captured(source: TableSource, allowance: Allowance) -> bytes:
    """Bytes of one Parquet file with the rows of ``source``: the same for the same rows, however they were divided.

    Raises InputError before memory runs out, and what reading the source raises.
    """
    allowance.claim(source.size or 0, source.name)
    return as_parquet(_claimed(source, allowance), source.schema)


def as_parquet(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> bytes:
    """Bytes of one Parquet file, which hang on the rows alone, and not on how they were divided."""
    sink = io.BytesIO()
    for _ in written(batches, schema, sink):
        pass
    return sink.getvalue()


class ParquetDigest:
    """The digest of what ``as_parquet`` would give for rows that go by; nothing of them is kept."""

    def __init__(self) -> None:
        self._sink = _Hashing()

    def watched(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Let the batches through, in groups of rows."""
        for table in written(batches, schema, cast("IO[Any]", self._sink)):
            yield from table.to_batches()

    @property
    def digest(self) -> Digest:
        """Digest of all that went by, once it all has."""
        return Digest(self._sink.hash.hexdigest())


def written(batches: Iterable[pa.RecordBatch], schema: pa.Schema, sink: IO[Any]) -> Iterator[pa.Table]:
    """Write one Parquet file, and yield its groups of rows, each in one chunk; the file is whole with the last."""
    plain = schema.remove_metadata()
    with pq.ParquetWriter(sink, plain, compression="zstd", store_schema=False) as writer:
        for table in regrouped(batches, schema, GROUP_ROWS):
            group = table.replace_schema_metadata(None).combine_chunks()
            writer.write_table(group, row_group_size=GROUP_ROWS)
            yield group


class _Hashing(io.RawIOBase):
    """A file of which only the digest is left."""

    def __init__(self) -> None:
        self.hash = hashlib.sha256()
        self._size = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size

    def write(self, data: "bytes | bytearray | memoryview", /) -> int:  # type: ignore[override]  # narrower than Buffer
        self.hash.update(data)
        self._size += len(data)
        return len(data)


def _claimed(source: TableSource, allowance: Allowance) -> Iterator[pa.RecordBatch]:
    """Batches, counted: what a source said of its size may be too little."""
    size = 0
    for batch in source.batches():
        size += batch.nbytes
        allowance.claim(size, source.name)
        yield batch
