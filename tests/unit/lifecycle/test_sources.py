"""Reading the files a project file names."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
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


def test_a_folder_of_parquet_is_one_table(tmp_path: Path) -> None:
    for number in range(2):
        pq.write_table(pa.table({"a": [number, 7]}), tmp_path / f"{number}.parquet")
    whole = pq.read_table(pa.BufferReader(read_source(tmp_path.parent, tmp_path.name)))
    assert whole["a"].to_pylist() == [0, 7, 1, 7]


def test_a_folder_of_something_else_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"a\n")
    with pytest.raises(InputError, match=r"not Parquet.*t\.csv"):
        read_source(tmp_path.parent, tmp_path.name)


def test_a_name_the_system_cannot_hold_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: File name too long"):
        read_source(tmp_path, "x" * 300)


def test_a_file_beyond_the_bound_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_SOURCE_BYTES", 3)
    (tmp_path / "t.csv").write_bytes(b"1234")
    with pytest.raises(InputError, match="larger than"):
        read_source(tmp_path, "t.csv")


def test_a_file_that_memory_would_not_hold_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t.csv").write_bytes(b"a\n" * 50)
    with monkeypatch.context() as patch:
        patch.setattr(sources.Allowance, "now", staticmethod(lambda: sources.Allowance(500)))
        with pytest.raises(InputError, match=r"a run needs about 6 times.*data protect read it in parts"):
            read_source(tmp_path, "t.csv")
    monkeypatch.setattr(sources, "MAX_SOURCE_BYTES", 50)
    with pytest.raises(InputError, match=r"larger than.*a run holds the table.*data protect read it in parts"):
        read_source(tmp_path, "t.csv")
