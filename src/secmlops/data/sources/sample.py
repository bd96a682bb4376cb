"""A random sample of the rows of a source, drawn while they stream by: every row is as likely as any other."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.data.sources.source import TableSource

MOST_BYTES: Final = 512 * 2**20
"""Bytes that are held at once, about: of very long cells fewer are drawn, and fewer searched at a time."""


def drawn(source: TableSource, rows: int, seed: int, columns: Sequence[str] | None = None) -> tuple[pa.Table, int]:
    """Table of ``rows`` rows of the source in their order, of all if it has no more, and how many it has.

    Of all ``columns`` by default.

    Every row gets a random number, and those with the least are kept (bottom-k sampling; Cohen and Kaplan, PODC 2007):
    a simple random sample without replacement of a table whose length is known only in the end, in the memory of twice
    the sample. Where that would be more than 512 MiB, fewer rows are drawn.
    """
    names = source.schema.names if columns is None else list(columns)
    kept = RowSample(pa.schema([source.schema.field(name) for name in names]), rows, seed)
    for batch in source.batches(names):
        kept.add(batch)
    return kept.table(), kept.seen


class RowSample:
    """Rows with the least random numbers so far, in the order in which they came; ``seen`` are all that came."""

    def __init__(self, schema: pa.Schema, rows: int, seed: int) -> None:
        self.seen = 0
        self._rng = np.random.default_rng(seed)
        self._schema = schema
        self._rows = rows
        self._bound = np.inf
        self._batches: list[pa.RecordBatch] = []
        self._numbers: list[npt.NDArray[np.float64]] = []
        self._count = self._bytes = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Let the rows of a batch go by, and keep those that are drawn."""
        numbers = self._rng.random(batch.num_rows)
        self.seen += batch.num_rows
        places = np.flatnonzero(numbers < self._bound)
        if len(places):
            self._batches.append(batch if len(places) == len(numbers) else batch.take(pa.array(places, pa.int64())))
            self._numbers.append(numbers[places])
            self._count += len(places)
            self._bytes += self._batches[-1].nbytes
        if self._bytes > MOST_BYTES:
            self._rows = max(1, min(self._rows, self._count) // 2)
        if self._count > 2 * self._rows or self._bytes > MOST_BYTES:
            self._shrink()

    def table(self) -> pa.Table:
        """Rows that were drawn, of all that came by."""
        if self._count > self._rows:
            self._shrink()
        return pa.Table.from_batches(self._batches, self._schema)

    def _shrink(self) -> None:
        numbers = np.concatenate(self._numbers)
        self._bound = float(np.partition(numbers, self._rows - 1)[self._rows - 1])
        places = np.flatnonzero(numbers <= self._bound)
        table = pa.Table.from_batches(self._batches, self._schema).take(pa.array(places, pa.int64())).combine_chunks()
        self._batches, self._numbers = table.to_batches(), [numbers[places]]
        self._count, self._bytes = len(places), table.nbytes


def pieces(source: TableSource, rows: int) -> Iterator[pa.Table]:
    """Tables of about ``rows`` rows each, with all rows of the source; of fewer where that would be over 512 MiB."""
    held: list[pa.RecordBatch] = []
    count = size = 0
    for batch in source.batches():
        held.append(batch)
        count, size = count + batch.num_rows, size + batch.nbytes
        if count >= rows or size >= MOST_BYTES:
            yield pa.Table.from_batches(held, source.schema)
            held, count, size = [], 0, 0
    if held:
        yield pa.Table.from_batches(held, source.schema)
