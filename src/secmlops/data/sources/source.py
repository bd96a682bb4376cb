"""The one contract of a source: a name, a schema of plain columns, and its rows as a stream of Arrow batches."""

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

import pyarrow as pa

BATCH_ROWS: Final = 65_536
"""Rows of a batch, at most."""


class TableSource(Protocol):
    """A table that need not fit into memory. ``name`` says what it is, in messages and on record; no secret is in it.

    ``schema`` has plain types only, as ``read_table`` gives. ``rows`` is None where the source cannot tell before it is
    read; ``size`` is what the whole table would take in memory, in bytes, estimated, and None likewise.
    """

    @property
    def name(self) -> str:
        """What the source is called."""
        ...

    @property
    def schema(self) -> pa.Schema:
        """Columns and their types, the same for every batch."""
        ...

    @property
    def rows(self) -> int | None:
        """Number of rows, if that is known without reading them."""
        ...

    @property
    def size(self) -> int | None:
        """Bytes of the whole table in memory, if that can be estimated without reading it."""
        ...

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of these columns, of all by default, at most 65,536 at a time; the same rows each time.

        Raises InputError for what cannot be read, and when the source is found to have changed since it was opened.
        """
        ...

    def close(self) -> None:
        """Let go of what is open; nothing can be read from then on."""
        ...
