"""A table in Parquet files of one schema, wherever they lie: read a batch at a time, never as a whole."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from secmlops.core.errors import InputError
from secmlops.data.formats.parquet import MAX_UNPACKED_BYTES, texts_of, unpacked_bytes
from secmlops.data.sources.one_schema import one_schema, plain_batch
from secmlops.data.sources.part import Part
from secmlops.data.sources.source import BATCH_ROWS

BATCH_BYTES: Final = 64 * 2**20
"""Bytes of a batch that are aimed at: of wide rows fewer are read at a time."""

MOST_TIMES: Final = 100
"""Times its own size that a file may unpack to, where that is more than 16 GiB."""

_REWRITE: Final = "it is cut off, or not Parquet, or encrypted: write it again"


class ParquetParts:
    """The table called ``name`` in ``parts``, one after another.

    Their footers are read at once: ``size`` is from the sizes that they name, and of repeated texts the table takes
    more. Raises InputError, here or while reading, for files that are broken, cut off or
    encrypted, whose columns are not those of the others, that hold cells of more than 1,000,000 bytes, that unpack to
    more than 16 GiB and 100 times their size, or that change.
    """

    def __init__(self, name: str, parts: Sequence[Part]) -> None:
        self.name: Final = name
        self._parts = tuple(parts)
        schemas: list[tuple[str, pa.Schema]] = []
        rows = size = 0
        for part in self._parts:
            with self._opened(part) as file:
                schemas.append((part.name, file.schema_arrow))
                rows += file.metadata.num_rows
                size += _size(file)
        self.schema: Final = one_schema(schemas, name)
        self.rows: Final = rows
        self.size: Final = size

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of these columns, file by file."""
        names = self.schema.names if columns is None else list(columns)
        schema = pa.schema([self.schema.field(name) for name in names])
        for part in self._parts:
            where = f"{self.name}: {part.name}"
            with self._opened(part, coded=True) as file:
                rows = max(1, min(BATCH_ROWS, BATCH_BYTES * max(1, file.metadata.num_rows) // max(1, _size(file))))
                unpacked = Unpacked(part.size, where)
                for batch in file.iter_batches(batch_size=rows, columns=names, use_threads=False):
                    for piece in unpacked.pieces(batch):
                        yield plain_batch(piece, schema, where)
            part.check()

    def close(self) -> None:
        """Nothing stays open between two files."""

    @contextmanager
    def _opened(self, part: Part, coded: bool = False) -> Iterator[pq.ParquetFile]:
        """Open a file; its texts are read as they are ``coded``: a few bytes may repeat a long one many times."""
        stream = part.open()
        try:
            readable = pa.PythonFile(stream, "r")  # type: ignore[arg-type]  # the stubs name io.IOBase
            file = pq.ParquetFile(readable)
            if coded:
                texts = texts_of(file.schema_arrow)
                file = pq.ParquetFile(readable, metadata=file.metadata, read_dictionary=texts)
            yield file
        except (pa.ArrowException, OSError) as error:
            part.check()
            told = f"the Parquet file cannot be read ({type(error).__name__})"
            raise InputError(told, where=f"{self.name}: {part.name}", hint=_REWRITE) from None
        finally:
            stream.close()


def _size(file: pq.ParquetFile) -> int:
    return sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))


class Unpacked:
    """How large the texts of one file are when they are decoded: measured before they are."""

    def __init__(self, size: int, where: str) -> None:
        self._most = max(MAX_UNPACKED_BYTES, MOST_TIMES * size)
        self._where = where
        self._sum = 0

    def pieces(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Yield parts of a coded batch that do not grow beyond 64 MiB; raises InputError for cells or a sum too large.

        A single row may be larger.
        """
        size = unpacked_bytes(batch, self._where)
        self._sum += size
        if self._sum > self._most:
            told = f"the file unpacks to more than {self._most} bytes"
            raise InputError(told, where=self._where, hint="do not trust who sent it; or write it as several files")
        yield from _halved(batch, size, self._where)


def _halved(batch: pa.RecordBatch, size: int, where: str) -> Iterator[pa.RecordBatch]:
    if size <= BATCH_BYTES or batch.num_rows < 2:
        yield batch
        return
    middle = batch.num_rows // 2
    for half in (batch.slice(0, middle), batch.slice(middle)):
        yield from _halved(half, unpacked_bytes(half, where), where)
