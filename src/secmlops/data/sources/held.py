"""A table that is in memory already, as a source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from secmlops.data.sources.source import BATCH_ROWS


@dataclass(frozen=True, slots=True)
class HeldTable:
    """``table`` of plain columns, called ``name``."""

    name: str
    table: pa.Table = field(repr=False)

    @property
    def schema(self) -> pa.Schema:
        """Columns and their types."""
        return self.table.schema

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.table.num_rows

    @property
    def size(self) -> int:
        """Bytes of the table."""
        return self.table.nbytes

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of these columns."""
        chosen = self.table if columns is None else self.table.select(list(columns))
        yield from chosen.to_batches(max_chunksize=BATCH_ROWS)

    def close(self) -> None:
        """Nothing is open."""
