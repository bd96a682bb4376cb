"""Cuts the batches of a column into row groups of one size, so that those of all columns are about the same rows."""

from collections.abc import Iterable, Iterator

import pyarrow as pa


def regrouped(batches: Iterable[pa.RecordBatch], schema: pa.Schema, rows: int) -> Iterator[pa.Table]:
    """Tables of ``rows`` rows each, the last one shorter; one empty table when there are no rows at all."""
    held: list[pa.RecordBatch] = []
    count = 0
    given = False
    for batch in batches:
        held.append(batch)
        count += batch.num_rows
        while count >= rows:
            whole = pa.Table.from_batches(held, schema)
            yield whole.slice(0, rows)
            held, count, given = whole.slice(rows).to_batches(), count - rows, True
    if count or not given:
        yield pa.Table.from_batches(held, schema)
