"""A folder is a table of Parquet files, or it is refused: rows that are silently missing teach something else."""

import os
from pathlib import Path

import pytest

from secmlops.core.errors import InputError
from secmlops.data.sources import folder
from secmlops.data.sources.folder import folder_parts


def test_files_are_taken_by_name_and_what_is_no_data_is_not(tmp_path: Path) -> None:
    for name in ("b.parquet", "a.PARQUET", "c.pq", "_SUCCESS", ".hidden.parquet", "_metadata"):
        (tmp_path / name).touch()
    assert [part.name for part in folder_parts(tmp_path)] == ["a.PARQUET", "b.parquet", "c.pq"]


def test_a_folder_of_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "_SUCCESS").touch()
    with pytest.raises(InputError, match="no file in it"):
        folder_parts(tmp_path)
    with pytest.raises(InputError, match="cannot be read: No such file"):
        folder_parts(tmp_path / "none")


def test_other_files_and_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").touch()
    (tmp_path / "year=2026").mkdir()
    with pytest.raises(InputError, match="a folder below a folder"):
        folder_parts(tmp_path)
    (tmp_path / "year=2026").rmdir()
    (tmp_path / "b.csv").touch()
    with pytest.raises(InputError, match=r"not Parquet beside those that are: b\.csv"):
        folder_parts(tmp_path)


@pytest.mark.parametrize("target", ["/etc/hostname", "inside.parquet", "nowhere"])
def test_a_link_is_refused_wherever_it_leads(target: str, tmp_path: Path) -> None:
    (tmp_path / "inside.parquet").touch()
    (tmp_path / "link.parquet").symlink_to(target)
    with pytest.raises(InputError, match="is a link"):
        folder_parts(tmp_path)


def test_a_pipe_is_no_plain_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="no plain file"):
        folder_parts(tmp_path)


def test_there_may_not_be_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "MAX_PARTS", 1)
    for name in ("a.parquet", "b.parquet"):
        (tmp_path / name).touch()
    with pytest.raises(InputError, match="2 files, at most 1"):
        folder_parts(tmp_path)
