"""A person in a folder of Parquet is erased there; one in a source that is not ours is found, and its owner erases."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from kits.persons_world import PERSON, write_persons
from secmlops.core.errors import InputError
from secmlops.core.stage import Stage
from secmlops.data.sources.held import HeldTable
from secmlops.data_subject import elsewhere
from secmlops.data_subject.erasure import erase_person
from secmlops.data_subject.export import export_person
from secmlops.data_subject.holding import find_person, table_files
from secmlops.pipeline import Silence, run_pipeline
from secmlops.workspace import Workspace

URL = "s3://lending/loans.parquet"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SECMLOPS_KEYS", str(tmp_path / "keys"))
    return write_persons(tmp_path / "small")


def moved(folder: Path, source: str) -> pa.Table:
    """Take the table of the project away, and let its file name another source."""
    table = arrow_csv.read_csv(folder / "loans.csv")
    (folder / "loans.csv").unlink()
    project = folder / "secmlops.yaml"
    project.write_text(project.read_text().replace("loans.csv", source))
    return table


def test_a_person_is_erased_in_every_file_of_a_folder(folder: Path) -> None:
    table = moved(folder, "loans")
    (folder / "loans").mkdir()
    theirs = table.filter(pc.equal(table["customer"], PERSON)).slice(0, 1)
    pq.write_table(table, folder / "loans" / "1.parquet")
    pq.write_table(theirs, folder / "loans" / "2.parquet")
    workspace = Workspace(folder)
    run_pipeline(workspace, Silence(), Stage.DATA)
    assert table_files(workspace) == ("loans/1.parquet", "loans/2.parquet")
    held = find_person(workspace, PERSON)
    assert [(one.name, one.rows) for one in held.files] == [("loans/1.parquet", 2), ("loans/2.parquet", 1)]
    assert erase_person(workspace, held, Silence(), models=False).done
    assert find_person(workspace, PERSON).nothing
    left = pq.read_table(folder / "loans")
    assert left.num_rows == table.num_rows - 2
    assert PERSON not in json.dumps(left.to_pylist(), default=str)


def test_a_person_in_a_source_that_is_not_ours_is_found_and_not_erased(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = moved(folder, URL)

    class There:
        def __init__(self, text: str, *_: object) -> None:
            assert text == URL

        def open(self) -> HeldTable:
            return HeldTable(URL, table)

    monkeypatch.setattr(elsewhere, "Location", There)
    workspace = Workspace(folder)
    held = find_person(workspace, PERSON)
    assert (held.elsewhere, held.nothing, held.sources) == (2, False, ())
    (copy,) = export_person(workspace, held)["tables"]  # type: ignore[misc,union-attr]  # a list, as the next line shows
    assert (copy["places"], [row["customer"] for row in copy["rows"]]) == ([f"source {URL}"], [PERSON, PERSON])
    assert copy["rows"][0].keys() == set(table.column_names)
    with pytest.raises(InputError, match=rf"{URL}: 2 rows of this person .*delete them there"):
        erase_person(workspace, held, Silence())
    assert find_person(workspace, "nobody").nothing
    table = table.drop_columns(["customer"])
    assert find_person(workspace, PERSON).unread == (f"source {URL}",)


def test_a_source_out_of_reach_is_told_as_not_searched(folder: Path) -> None:
    moved(folder, "postgresql://127.0.0.1:1/none?table=t")
    assert find_person(Workspace(folder), PERSON).unread == ("source postgresql://127.0.0.1:1/none?table=t",)
