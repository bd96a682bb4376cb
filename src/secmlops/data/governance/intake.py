"""Takes in a source that may be larger than memory: its digest, a sample, and whose rows may be used."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from secmlops.core.digest import Digest
from secmlops.data.governance.consent import Consented, ConsentRule, nobody_left
from secmlops.data.sources.capture import ParquetDigest
from secmlops.data.sources.sample import RowSample
from secmlops.data.sources.source import TableSource


@dataclass(frozen=True, slots=True)
class ConsentedSource:
    """``source`` without the rows that ``rule`` leaves out: itself a source."""

    source: TableSource
    rule: ConsentRule

    @property
    def name(self) -> str:
        """What the source is called."""
        return self.source.name

    @property
    def schema(self) -> pa.Schema:
        """Columns and their types."""
        return self.source.schema

    @property
    def rows(self) -> int | None:
        """Rows of the source, where none can be left out."""
        return None if self.rule.columns else self.source.rows

    @property
    def size(self) -> int | None:
        """Bytes of the source: the rows that count take no more."""
        return self.source.size

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of these columns that count."""
        names = self.schema.names if columns is None else list(columns)
        for batch in self.source.batches(list(dict.fromkeys((*names, *self.rule.columns)))):
            kept = _kept(batch, self.rule)
            if kept.num_rows:
                yield kept.select(names)

    def close(self) -> None:
        """Close the source."""
        self.source.close()


@dataclass(frozen=True, slots=True)
class Intake:
    """``digest`` names all rows of the source, of which ``consented`` has a sample.

    ``filled`` are the cells, of those that count, that have a value, by column.
    """

    digest: Digest
    consented: Consented
    filled: Mapping[str, int] = field(repr=False)


def take_in(source: TableSource, rule: ConsentRule, rows: int, digest: Digest | None = None) -> Intake:
    """Read the source once, and draw ``rows`` rows of it; ``digest`` is that of its bytes, if it is one file.

    Otherwise it is that of ``as_parquet``. Raises InputError when nobody is left of those who consented, and what
    reading the source raises.
    """
    named, kept = ParquetDigest(), RowSample(source.schema, rows, 0)
    tally = _Tally(rule)
    batches: Iterable[pa.RecordBatch] = source.batches()
    for batch in batches if digest is not None else named.watched(batches, source.schema):
        kept.add(tally.add(batch))
    if not kept.seen:
        raise nobody_left()
    unknown = len(rule.withdrawn) - len(tally.known)
    consented = Consented(kept.table(), kept.seen, tally.refused, tally.withdrawn, unknown)
    return Intake(digest or named.digest, consented, tally.filled)


class _Tally:
    def __init__(self, rule: ConsentRule) -> None:
        self._rule = rule
        self.refused = self.withdrawn = 0
        self.known: frozenset[str] = frozenset()
        self.filled: dict[str, int] = {}

    def add(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Count a batch, and return the rows that count."""
        table = pa.Table.from_batches([batch])
        refused, gone = self._rule.left_out(table)
        self.refused += int(np.count_nonzero(refused))
        self.withdrawn += int(np.count_nonzero(gone))
        self.known |= self._rule.known(table)
        kept = _kept(batch, self._rule)
        for name, column in zip(kept.schema.names, kept.columns, strict=True):
            self.filled[name] = self.filled.get(name, 0) + len(column) - column.null_count
        return kept


def _kept(batch: pa.RecordBatch, rule: ConsentRule) -> pa.RecordBatch:
    refused, gone = rule.left_out(pa.Table.from_batches([batch]))
    left_out = refused | gone
    return batch.filter(pa.array(~left_out)) if left_out.any() else batch
