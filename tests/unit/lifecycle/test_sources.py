"""Reading the files a project file names."""

from pathlib import Path

import pytest

from secmlops.core.errors import InputError
from secmlops.lifecycle import sources
from secmlops.lifecycle.sources import read_source


def test_bytes_are_read(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"a\n")
    assert read_source(tmp_path, "t.csv") == b"a\n"


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_bytes(b"a\n")
    with pytest.raises(InputError, match=r"there is no such file.*there is: real\.csv"):
        read_source(tmp_path, "t.csv")
    with pytest.raises(InputError, match=r"relative to secmlops\.yaml"):
        read_source(tmp_path, "no/such/folder/t.csv")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a file"):
        read_source(tmp_path.parent, tmp_path.name)


def test_a_name_the_system_cannot_hold_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: File name too long"):
        read_source(tmp_path, "x" * 300)


def test_a_file_beyond_the_bound_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_SOURCE_BYTES", 3)
    (tmp_path / "t.csv").write_bytes(b"1234")
    with pytest.raises(InputError, match="larger than"):
        read_source(tmp_path, "t.csv")
