"""A stream is searched as its table would be: by a sample of all rows, or in full, piece by piece."""

import pyarrow as pa
import pytest

from secmlops.core.errors import InputError
from secmlops.data.discovery import stream
from secmlops.data.discovery.columns import discover
from secmlops.data.discovery.stream import survey_source
from secmlops.data.sources import held
from secmlops.data.sources.held import HeldTable

ROWS = 600


@pytest.fixture(scope="module")
def table() -> pa.Table:
    rare = ["call anna@example.org about the papers" if i == ROWS - 1 else "paid in time" for i in range(ROWS)]
    mails = [f"p{i}@example.org" if i % 2 else None for i in range(ROWS)]
    return pa.table({"contact": mails, "remark": rare, "amount": [i * 1.5 for i in range(ROWS)]})


def test_a_sample_says_what_the_table_says(table: pa.Table) -> None:
    found = survey_source(HeldTable("t", table), 0)
    assert (found.rows, found.searched, found.columns) == (ROWS, ROWS, discover(table, 0))


def test_in_full_every_piece_is_searched_and_shares_are_of_all_rows(
    table: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "BATCH_ROWS", 100)
    monkeypatch.setattr(stream, "PIECE_ROWS", 200)
    found = survey_source(HeldTable("t", table), 0, full=True)
    whole = {column.column: column for column in discover(table, 0, full=True)}
    assert [column.column for column in found.columns] == ["contact", "remark"]
    for column in found.columns:
        assert column.kinds == whole[column.column].kinds
        assert column.share == pytest.approx(whole[column.column].share)
        assert column.suggestion == whole[column.column].suggestion


@pytest.mark.parametrize("full", [False, True])
def test_a_table_of_one_row_is_refused(full: bool, table: pa.Table) -> None:
    with pytest.raises(InputError, match="nothing to search"):
        survey_source(HeldTable("t", table.slice(0, 1)), 0, full)
