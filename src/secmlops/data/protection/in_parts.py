"""Protects a source in parts, sets the result down, and searches a sample of it before anyone may have it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from secmlops.core.control import Examination
from secmlops.core.digest import Digest
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.data.discovery.columns import SAMPLE_ROWS
from secmlops.data.protection.actions import Action
from secmlops.data.protection.control import Protect, counts
from secmlops.data.protection.order import ProtectionOrder
from secmlops.data.protection.stream import ProtectedSource
from secmlops.data.sources.capture import ParquetDigest
from secmlops.data.sources.sample import RowSample
from secmlops.data.sources.source import TableSource
from secmlops.data.sources.spool import Spool


@dataclass(frozen=True, slots=True)
class Laid:
    """What was said of a protected source, and its rows with the digest of the Parquet file that they would make.

    There are no rows where the protection did not pass.
    """

    examination: Examination
    digest: Digest | None = None
    rows: Spool | None = field(default=None, repr=False)


@contextmanager
def protected_in_parts(
    control: Protect, order: ProtectionOrder, source: TableSource, filled: Mapping[str, int], folder: Path
) -> Iterator[Laid]:
    """Protect ``source``, of which the ordered table is a sample; ``filled`` cells have a value, by column.

    The sample is protected first, as ``control`` would a whole table: what cannot be done, or would be left, is told
    before hours go by. The result lies encrypted in ``folder``, without a name, for as long as the context lasts.
    """
    tried = control.examine(order)
    if tried.outcome is not Outcome.PASSED:
        yield Laid(Examination.judged(tried.findings, tried.measures))
        return
    stream = ProtectedSource.of(source, order, control.manner())
    digest, sample = ParquetDigest(), RowSample(stream.schema, SAMPLE_ROWS, control.seed)

    def watched() -> Iterator[pa.RecordBatch]:
        for batch in stream.batches():
            sample.add(batch)
            yield batch

    with Spool(stream.name, digest.watched(watched(), stream.schema), stream.schema, folder) as spool:
        protect = order.dataset.protect
        cells = sum(filled.get(name, 0) for name, action in protect.items() if action != Action.KEEP)
        searched = sample.table()
        judged = control.judged(order.dataset, searched, {**counts(order.dataset), "protected_cells": float(cells)})
        told = f"protected in parts; of {spool.rows:,} rows {searched.num_rows:,} were searched for what is left"
        findings = (*judged.findings, Finding("protect.in-parts", Severity.NOTE, told))
        examination = Examination.judged(findings, judged.measures)
        passed = examination.outcome is Outcome.PASSED
        yield Laid(examination, digest.digest, spool) if passed else Laid(examination)
