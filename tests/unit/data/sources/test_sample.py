"""Every row of a stream is as likely to be drawn as any other, in bounded memory."""

import numpy as np
import pyarrow as pa
import pytest

from secmlops.data.sources import held, sample
from secmlops.data.sources.held import HeldTable
from secmlops.data.sources.sample import drawn, pieces


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "BATCH_ROWS", 100)


def numbers(rows: int) -> HeldTable:
    return HeldTable("t", pa.table({"n": np.arange(rows), "text": ["x"] * rows}))


@pytest.mark.parametrize("rows", [0, 5, 100, 1_000])
def test_a_short_table_is_drawn_as_it_is(rows: int) -> None:
    table, seen = drawn(numbers(rows), 1_000, 0)
    assert (table["n"].to_pylist(), seen) == (list(range(rows)), rows)


def test_a_sample_has_its_size_its_order_and_no_row_twice() -> None:
    table, seen = drawn(numbers(5_000), 300, 7, ["n"])
    chosen = table["n"].to_pylist()
    assert (len(chosen), seen, table.column_names) == (300, 5_000, ["n"])
    assert chosen == sorted(set(chosen))
    assert drawn(numbers(5_000), 300, 7)[0]["n"].to_pylist() == chosen
    assert drawn(numbers(5_000), 300, 8)[0]["n"].to_pylist() != chosen


def test_no_part_of_the_table_is_likelier() -> None:
    places = np.concatenate([drawn(numbers(2_000), 100, seed)[0]["n"].to_numpy() for seed in range(60)])
    tenths = np.bincount(places // 200, minlength=10)
    expected = len(places) / 10
    assert float(np.sum((tenths - expected) ** 2 / expected)) < 27.9  # chi-squared, 9 degrees, p = 0.001


def test_of_long_cells_fewer_rows_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "MOST_BYTES", 20_000)
    source = HeldTable("t", pa.table({"text": ["x" * 1_000] * 2_000}))
    table, seen = drawn(source, 1_000, 0)
    assert seen == 2_000
    assert 0 < table.nbytes <= 2 * 20_000
    assert all(piece.num_rows <= 100 for piece in pieces(source, 1_000))


def test_pieces_hold_every_row_once() -> None:
    cut = list(pieces(numbers(1_050), 300))
    assert [piece.num_rows for piece in cut] == [300, 300, 300, 150]
    assert pa.concat_tables(cut)["n"].to_pylist() == list(range(1_050))
