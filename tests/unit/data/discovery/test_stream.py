"""A stream is searched as its table would be: by a sample of all rows, or in full, piece by piece."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from secmlops.core.errors import InputError
from secmlops.data.discovery import stream
from secmlops.data.discovery.columns import discover
from secmlops.data.discovery.stream import survey_location, survey_source
from secmlops.data.discovery.survey import Manner, PassedOver, TableSurvey
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


def test_a_folder_of_one_table_is_one_and_of_several_is_not(table: pa.Table, tmp_path: Path) -> None:
    pq.write_table(table.slice(0, 300), tmp_path / "1.parquet")
    pq.write_table(table.slice(300), tmp_path / "2.parquet")
    (one,) = survey_location(str(tmp_path), Manner())
    assert isinstance(one, TableSurvey)
    assert one.rows == ROWS
    pq.write_table(pa.table({"x": [1, 2]}), tmp_path / "3.parquet")
    assert [survey.name for survey in survey_location(str(tmp_path), Manner())] == [
        "1.parquet",
        "2.parquet",
        "3.parquet",
    ]
    (tmp_path / "3.parquet").write_bytes((tmp_path / "2.parquet").read_bytes()[:-20])
    *sound, broken = survey_location(str(tmp_path), Manner())
    assert all(isinstance(survey, TableSurvey) for survey in sound)
    assert isinstance(broken, PassedOver)


def test_one_file_is_streamed_or_told_why_not(table: pa.Table, tmp_path: Path) -> None:
    pq.write_table(table, tmp_path / "t.parquet")
    (found,) = survey_location(str(tmp_path / "t.parquet"), Manner())
    assert isinstance(found, TableSurvey)
    assert (found.name, found.rows) == ("t.parquet", ROWS)
    (tmp_path / "t.parquet").write_text("no")
    with pytest.raises(InputError, match="named Parquet"):
        survey_location(str(tmp_path / "t.parquet"), Manner())
