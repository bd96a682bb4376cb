import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from secmlops.core.errors import InputError
from secmlops.data.discovery import survey
from secmlops.data.discovery.survey import (
    Manner,
    TableSurvey,
    TextSurvey,
    survey_bytes,
    survey_file,
)
from secmlops.data.recognise.kind import Kind

CSV = b"email,n\nanna@example.org,1\npaul@example.org,2\n"
SAMPLE = Manner()


def test_a_name_tells_a_table_from_a_text() -> None:
    table = survey_bytes(CSV, "a.csv", SAMPLE)
    assert isinstance(table, TableSurvey)
    assert [(c.column, c.kinds) for c in table.columns] == [("email", (Kind.EMAIL,))]
    text = survey_bytes(CSV, "a.txt", SAMPLE)
    assert isinstance(text, TextSurvey)
    assert [m.line for m in text.mentions] == [2, 3]


def test_one_may_say_what_it_is() -> None:
    assert isinstance(survey_bytes(CSV, "a.txt", Manner(form="table")), TableSurvey)
    assert isinstance(survey_bytes(CSV, "a.csv", Manner(form="text")), TextSurvey)


def test_parquet_is_known_by_its_bytes(tmp_path: Path) -> None:
    pq.write_table(pa.table({"ssn": ["536-90-4399", "536-90-4398"]}), tmp_path / "data")
    assert isinstance(survey_file(tmp_path / "data", "data", SAMPLE), TableSurvey)


@pytest.mark.parametrize("data", [b"", b" \n\t"])
def test_nothing_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="nothing"):
        survey_bytes(data, "a.txt", SAMPLE)


def test_a_long_text_is_searched_in_part_and_in_full_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "SEARCHED_CHARACTERS", 1_000)
    data = b"words " * 200 + b"anna@example.org"
    part, full = (survey_bytes(data, "a.txt", Manner(full=full)) for full in (False, True))
    assert isinstance(part, TextSurvey)
    assert isinstance(full, TextSurvey)
    assert (part.searched, len(part.mentions)) == (1_000, 0)
    assert (full.searched, len(full.mentions)) == (len(data), 1)


def test_a_file_must_be_there_plain_and_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="no such file"):
        survey_file(tmp_path / "none", "none", SAMPLE)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="no plain file"):
        survey_file(tmp_path / "pipe", "pipe", SAMPLE)
    (tmp_path / "big").write_text("xyz")
    monkeypatch.setattr(survey, "MAX_FILE_BYTES", 2)
    with pytest.raises(InputError, match="larger"):
        survey_file(tmp_path / "big", "big", SAMPLE)
