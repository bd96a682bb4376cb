"""A stream is protected as the whole table would be, whatever its batches, and columns can be drawn alone."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.protection.carry_out import Manner
from secmlops.data.protection.generalise import Coarseness, DatePrecision
from secmlops.data.protection.order import ProtectionOrder
from secmlops.data.protection.stream import ProtectedSource
from secmlops.data.sources import held
from secmlops.data.sources.held import HeldTable

ROWS = 400
ACTIONS = {
    "person": "pseudonymise",
    "name": "drop",
    "town": "generalise",
    "income": "generalise",
    "seen": "shift_dates",
    "card": "mask",
    "phone": "encrypt",
}
MANNER = Manner(Coarseness(5, 10, DatePrecision.YEAR), 4, 30, lambda table, column: ("table", table, column))


@pytest.fixture(scope="module")
def table() -> pa.Table:
    rng = np.random.default_rng(0)
    return pa.table(
        {
            "person": [f"p{i}" for i in rng.integers(0, 90, ROWS)],
            "name": ["Anna"] * ROWS,
            "town": [None if i % 50 == 0 else f"town {i}" for i in rng.geometric(0.2, ROWS)],
            "income": pa.array(rng.lognormal(8, 1, ROWS), mask=rng.random(ROWS) < 0.1),
            "seen": [date(2026, 1, 1) + timedelta(int(i)) for i in rng.integers(0, 300, ROWS)],
            "card": [f"4111 1111 1111 {i:04d}" for i in range(ROWS)],
            "phone": [f"+44 20 {i:08d}" for i in range(ROWS)],
            "left": rng.random(ROWS) < 0.3,
        }
    )


def order(table: pa.Table) -> ProtectionOrder:
    dataset = DataSet("t", table, Digest.of(b""), Task.BINARY, "left", subject_id="person", protect=ACTIONS)
    return ProtectionOrder(dataset, b"k" * 32)


@pytest.mark.parametrize("rows", [7, 64, ROWS])
def test_a_stream_is_protected_as_the_whole(table: pa.Table, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "BATCH_ROWS", rows)
    protected = ProtectedSource.of(HeldTable("t", table), order(table.slice(0, 50)), MANNER)
    whole = MANNER.carry_out(order(table))
    assert pa.Table.from_batches(protected.batches(), protected.schema).equals(whole.combine_chunks())
    assert protected.schema == whole.schema
    assert (protected.rows, protected.size, protected.name) == (ROWS, None, "t (protected)")


@pytest.mark.parametrize("column", ["seen", "town", "left"])
def test_a_column_can_be_drawn_alone(table: pa.Table, column: str) -> None:
    protected = ProtectedSource.of(HeldTable("t", table), order(table), MANNER)
    alone = pa.Table.from_batches(protected.batches([column]))
    assert alone.column_names == [column]
    assert alone[column].to_pylist() == MANNER.carry_out(order(table))[column].to_pylist()


def test_nothing_is_read_that_is_not_needed(table: pa.Table) -> None:
    asked: list[list[str]] = []

    class Watched(HeldTable):
        def batches(self, columns=None):
            asked.append(list(columns or []))
            return super().batches(columns)

    protected = ProtectedSource.of(Watched("t", table), order(table), MANNER)
    assert asked == [["town"], ["income"]]
    asked.clear()
    list(protected.batches(["seen", "card"]))
    assert asked == [["seen", "card", "person"]]
    protected.close()


def test_an_order_about_other_columns_is_refused(table: pa.Table) -> None:
    with pytest.raises(InputError, match="not those of the order"):
        ProtectedSource.of(HeldTable("t", table.drop_columns(["card"])), order(table), MANNER)
