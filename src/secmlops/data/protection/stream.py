"""Protects a source that may be larger than memory: a batch at a time, by the very actions of a whole table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from secmlops.core.errors import InputError
from secmlops.data.arrow import Chunks
from secmlops.data.protection.actions import Action
from secmlops.data.protection.carry_out import ColumnAction, Manner, carried_out
from secmlops.data.protection.each_value import REMEMBERED
from secmlops.data.protection.generalise import Generaliser, generaliser
from secmlops.data.protection.order import ProtectionOrder
from secmlops.data.sources.sample import drawn
from secmlops.data.sources.source import TableSource
from secmlops.data.values import ColumnType, type_of

NUMBERS: Final = 20_000_000
"""Numbers of a column that its bands are drawn from: of more, a random sample."""


@dataclass(frozen=True, slots=True)
class ProtectedSource:
    """``source`` as it was ordered, itself a source: each batch is protected when it is drawn, and nothing is kept.

    ``order`` is about the same columns; of its table, which may be a sample, no row is used. ``actions`` are those of
    all rows of the source, by column.
    """

    source: TableSource
    order: ProtectionOrder
    actions: Mapping[str, ColumnAction] = field(repr=False)
    schema: pa.Schema

    @classmethod
    def of(cls, source: TableSource, order: ProtectionOrder, manner: Manner) -> "ProtectedSource":
        """Read the columns to be generalised once, so that each value is treated as it would be in one whole table.

        Raises InputError when the order is about other columns, and what reading the source raises.
        """
        if order.dataset.table.schema.names != source.schema.names:
            hint = "make the order from a sample of this very source"
            raise InputError("the columns are not those of the order", where=source.name, hint=hint)
        coarser = [name for name, action in order.dataset.protect.items() if action == Action.GENERALISE]
        found = {name: _generaliser(source, name, manner) for name in coarser}
        actions = manner.actions(order, found, REMEMBERED)
        return cls(source, order, actions, carried_out(actions, source.schema.empty_table()).schema)

    @property
    def name(self) -> str:
        """What the source is called."""
        return f"{self.source.name} (protected)"

    @property
    def rows(self) -> int | None:
        """Rows of the source: none is left out."""
        return self.source.rows

    @property
    def size(self) -> int | None:
        """None: pseudonyms are longer than what they stand for, bands are not."""
        return None

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of these protected columns; no other column of the source is read, but that of the persons."""
        names = self.schema.names if columns is None else list(columns)
        schema = pa.schema([self.schema.field(name) for name in names])
        for batch in self.source.batches(self._read(names)):
            part = carried_out(self.actions, pa.Table.from_batches([batch]))
            yield from part.select(names).cast(schema).combine_chunks().to_batches()

    def close(self) -> None:
        """Close the source."""
        self.source.close()

    def _read(self, names: Sequence[str]) -> list[str]:
        dataset = self.order.dataset
        shifted = any(dataset.protect.get(name) == Action.SHIFT for name in names)
        persons = [dataset.subject_id] if shifted and dataset.subject_id is not None else []
        return list(dict.fromkeys((*names, *persons)))


def _generaliser(source: TableSource, name: str, manner: Manner) -> Generaliser:
    empty: Chunks = source.schema.empty_table()[name]
    kind = type_of(empty)
    if kind in (ColumnType.INTEGER, ColumnType.NUMBER):
        sample, _ = drawn(source, NUMBERS, 0, [name])
        return generaliser(name, kind, [sample[name]], manner.coarseness)
    parts = (pa.chunked_array([batch.column(0)]) for batch in source.batches([name]))
    return generaliser(name, kind, parts, manner.coarseness)
