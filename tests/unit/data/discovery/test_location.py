"""What a path or a URL names is surveyed as what it is, a large table in parts."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from secmlops.core.errors import InputError
from secmlops.data.discovery import location
from secmlops.data.discovery.location import survey_folder, survey_location
from secmlops.data.discovery.survey import Manner, PassedOver, TableSurvey, TextSurvey

ROWS = 600
CSV = b"email,n\nanna@example.org,1\npaul@example.org,2\n"
SAMPLE = Manner()


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return pa.table({"contact": [f"p{i}@example.org" for i in range(ROWS)], "amount": [i * 1.5 for i in range(ROWS)]})


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


def test_every_file_of_a_folder_is_searched_or_passed_over(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "a.csv").write_bytes(CSV)
    (tmp_path / "broken.csv").write_text("a,b\n1,2,3\nanna@example.org\n")
    (tmp_path / "in" / "note.txt").write_text("anna@example.org")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "x.png").write_bytes(b"\x89PNG\0\0")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link.csv").symlink_to(tmp_path / "a.csv")
    (tmp_path / "loop").symlink_to(tmp_path)
    told = {s.name: type(s) for s in survey_folder(tmp_path, SAMPLE)}
    assert told == {
        "a.csv": TableSurvey,
        "broken.csv": TextSurvey,
        "in/note.txt": TextSurvey,
        "empty.txt": PassedOver,
        "x.png": PassedOver,
        "pipe": PassedOver,
        "link.csv": PassedOver,
        "loop": PassedOver,
    }


def test_a_folder_has_a_file_and_not_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="without a file"):
        list(survey_folder(tmp_path, SAMPLE))
    for name in "abc":
        (tmp_path / name).write_text("x")
    monkeypatch.setattr(location, "MAX_FILES", 2)
    with pytest.raises(InputError, match="3 files"):
        list(survey_folder(tmp_path, SAMPLE))


@pytest.mark.parametrize("full", [False, True])
def test_a_large_text_is_searched_in_parts_with_the_same_answer(
    full: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["when;email;n", *(f"31.12.2020;p{i}@example.org;{i}" for i in range(300)), "31.12.2020;;none"]
    (tmp_path / "t.csv").write_bytes("\n".join(lines).encode("cp1252") + b"\xe9\n")
    (whole,) = survey_location(str(tmp_path), Manner(full))
    monkeypatch.setattr(location, "IN_PARTS", 100)
    monkeypatch.setattr(location, "survey_file", None)
    (parts,) = survey_location(str(tmp_path), Manner(full))
    assert parts == whole
    assert isinstance(parts, TableSurvey)
    assert [(note.rule, note.where) for note in parts.notes] == [
        ("reading.encoding", "t.csv, line 302"),
        ("reading.guess", "t.csv"),
        ("reading.mixed-types", "t.csv, line 302"),
    ]
