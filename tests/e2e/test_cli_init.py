"""``secmlops init``: a project that runs, from a template or from one's own table; and nothing half-written."""

import errno
import os
from pathlib import Path

import pytest

from secmlops.project.load import read_project
from secmlops.usecases.catalogue import USE_CASES

TABLE = "size,colour,price,sold\n" + "".join(
    f"{i * 7 % 31 + 0.5},{'uvw'[i % 3]},{i * 11 % 89 + i / 100},{'yes' if i * 5 % 7 > 2 else 'no'}\n" for i in range(80)
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "my table.csv"
    file.write_text(TABLE, encoding="utf-8")
    return file


@pytest.mark.parametrize("template", sorted(USE_CASES))
def test_a_template_makes_a_project_that_can_be_looked_at(template: str, tmp_path: Path, secmlops) -> None:
    said = secmlops("init", tmp_path / "made", "--template", template)
    assert said.code == 0
    assert f"the project is in {tmp_path / 'made'}" in said.out
    assert f"secmlops run --folder {tmp_path / 'made'}" in said.out
    project = read_project(tmp_path / "made" / "secmlops.yaml")
    assert (tmp_path / "made" / project.data.source).is_file()
    assert secmlops("run", "-C", tmp_path / "made", "--dry-run").code == 0


@pytest.mark.parametrize(("label", "task"), [("sold", "binary_classification"), ("price", "regression")])
def test_a_table_makes_a_project_whose_data_pass(label: str, task: str, table: Path, tmp_path: Path, secmlops) -> None:
    folder = tmp_path / "deep" / "made"
    data = secmlops("init", folder, "--from", table, "--label", label, "--json").data
    assert data.pop("found")
    assert data == {"exit_code": 0, "folder": str(folder), "project": str(folder / "secmlops.yaml")}
    assert read_project(folder / "secmlops.yaml").name == "made"
    assert (folder / table.name).read_text(encoding="utf-8") == TABLE
    assert read_project(folder / "secmlops.yaml").task == task
    assert secmlops("run", "-C", folder, "--until", "data").code == 0


def test_a_table_that_lies_in_the_folder_already_stays_as_it_is(table: Path, secmlops) -> None:
    before = table.stat()
    assert secmlops("init", table.parent, "--from", table, "--label", "sold").code == 0
    assert table.stat().st_mtime_ns == before.st_mtime_ns


def test_another_table_under_the_same_name_is_refused_and_kept(table: Path, tmp_path: Path, secmlops) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / table.name).write_text("another,table\n1,2\n", encoding="utf-8")
    said = secmlops("init", tmp_path / "made", "--from", table, "--label", "sold")
    assert said.code == 2
    assert "another table lies there under this name" in said.err
    assert (tmp_path / "made" / table.name).read_text(encoding="utf-8") == "another,table\n1,2\n"
    assert not (tmp_path / "made" / "secmlops.yaml").exists()


def test_a_full_disk_leaves_no_half_of_a_file(table: Path, tmp_path: Path, secmlops, monkeypatch) -> None:
    write = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        write(path, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    said = secmlops("init", tmp_path / "made", "--from", table, "--label", "sold")
    assert said.code == 2
    assert "No space left on device" in said.err
    assert list((tmp_path / "made").iterdir()) == []


def test_a_label_that_is_missing_everywhere_is_refused(tmp_path: Path, secmlops) -> None:
    (tmp_path / "t.csv").write_text("a,y\n" + "1,\n2,\n" * 20, encoding="utf-8")
    said = secmlops("init", tmp_path / "made", "--from", tmp_path / "t.csv", "--label", "y")
    assert said.code == 2
    assert "the label is missing in 40 rows" in said.err
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "say how to start"),
        (["--template", "credit-risk", "--from", "TABLE"], "say how to start"),
        (["--from", "TABLE"], "which column shall be predicted?"),
        (["--from", "TABLE", "--label", "sol"], "'sol'"),
        (["--from", "MISSING", "--label", "sold"], "missing.csv"),
        (["--template", "nonsense"], "'nonsense' is not one of"),
    ],
)
def test_what_starts_no_project_is_told_and_leaves_nothing(
    options: list[str], told: str, table: Path, tmp_path: Path, secmlops
) -> None:
    places = {"TABLE": str(table), "MISSING": str(tmp_path / "missing.csv")}
    said = secmlops("init", tmp_path / "made", *(places.get(o, o) for o in options))
    assert said.code == 2
    assert told in said.err
    assert not (tmp_path / "made").exists()


def test_a_project_that_is_there_is_not_written_over(tiny: Path, secmlops) -> None:
    before = (tiny / "secmlops.yaml").read_bytes()
    said = secmlops("init", tiny, "--template", "credit-risk")
    assert said.code == 2
    assert "already" in said.err
    assert (tiny / "secmlops.yaml").read_bytes() == before


def test_a_place_that_cannot_be_written_is_told(table: Path, tmp_path: Path, secmlops) -> None:
    (tmp_path / "file").write_bytes(b"")
    said = secmlops("init", tmp_path / "file" / "made", "--from", table, "--label", "sold")
    assert said.code == 2
    assert "cannot be written" in said.err


def test_what_was_found_is_told(table: Path, tmp_path: Path, secmlops) -> None:
    out = secmlops("init", tmp_path / "made", "--from", table, "--label", "sold").out
    assert "table    80 rows, 4 columns" in out
    assert "label    sold: binary classification, event " in out
    assert "require  assurance.performance.auc >= 0.7" in out
    assert "warning  few rows: 20 will be held out" in out


def test_a_table_that_is_not_there_is_looked_for_from_here(tmp_path: Path, secmlops) -> None:
    said = secmlops("init", tmp_path / "made", "--from", tmp_path / "none.csv", "--label", "y")
    assert "relative to secmlops.yaml" not in said.err
