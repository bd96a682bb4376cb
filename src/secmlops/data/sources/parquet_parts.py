"""A table in Parquet files of one schema, wherever they lie: read a batch at a time, never as a whole."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from secmlops.core.errors import InputError
from secmlops.data.formats.delimited import MAX_CELL_BYTES
from secmlops.data.sources.one_schema import one_schema, plain_batch
from secmlops.data.sources.part import Part
from secmlops.data.sources.source import BATCH_ROWS

BATCH_BYTES: Final = 64 * 2**20
"""Bytes of a batch that are aimed at: of wide rows fewer are read at a time."""

_REWRITE: Final = "it is cut off, or not Parquet, or encrypted: write it again"


class ParquetParts:
    """The table called ``name`` in ``parts``, one after another.

    Their footers are read at once. Raises InputError, here or while reading, for files that are broken, cut off or
    encrypted, whose columns are not those of the others, that hold cells of more than 1,000,000 bytes, or that change.
    """

    def __init__(self, name: str, parts: Sequence[Part]) -> None:
        self._name = name
        self._parts = tuple(parts)
        schemas: list[tuple[str, pa.Schema]] = []
        self._rows = self._size = 0
        for part in self._parts:
            with self._opened(part) as file:
                schemas.append((part.name, file.schema_arrow))
                self._rows += file.metadata.num_rows
                self._size += _size(file)
        self._schema = one_schema(schemas, name)

    @property
    def name(self) -> str:
        """What the source is called."""
        return self._name

    @property
    def schema(self) -> pa.Schema:
        """Columns and their types."""
        return self._schema

    @property
    def rows(self) -> int:
        """Number of rows, as the footers say."""
        return self._rows

    @property
    def size(self) -> int:
        """Bytes of the table in memory, from the sizes that the footers name: of repeated texts it takes more."""
        return self._size

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of these columns, file by file."""
        names = self._schema.names if columns is None else list(columns)
        schema = pa.schema([self._schema.field(name) for name in names])
        for part in self._parts:
            where = f"{self._name}: {part.name}"
            with self._opened(part) as file:
                rows = max(1, min(BATCH_ROWS, BATCH_BYTES * max(1, file.metadata.num_rows) // max(1, _size(file))))
                for batch in file.iter_batches(batch_size=rows, columns=names, use_threads=False):
                    plain = plain_batch(batch, schema, where)
                    _check_cells(plain, where)
                    yield plain
            part.check()

    def close(self) -> None:
        """Nothing stays open between two files."""

    @contextmanager
    def _opened(self, part: Part) -> Iterator[pq.ParquetFile]:
        stream = part.open()
        try:
            yield pq.ParquetFile(pa.PythonFile(stream, "r"))  # type: ignore[arg-type]  # the stubs name io.IOBase
        except (pa.ArrowException, OSError) as error:
            part.check()
            told = f"the Parquet file cannot be read ({type(error).__name__})"
            raise InputError(told, where=f"{self._name}: {part.name}", hint=_REWRITE) from None
        finally:
            stream.close()


def _size(file: pq.ParquetFile) -> int:
    return sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))


def _check_cells(batch: pa.RecordBatch, where: str) -> None:
    for field, column in zip(batch.schema, batch.columns, strict=True):
        if pa.types.is_string(field.type):
            longest = pc.max(pc.call_function("binary_length", [column])).as_py() or 0
            if longest > MAX_CELL_BYTES:
                told = f"a cell of {longest} bytes in column {field.name!r}, at most {MAX_CELL_BYTES} are read"
                raise InputError(told, where=where, hint="keep documents in files of their own")
