"""A file loses just the rows it should, whatever its line ends, quotes and encoding."""

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from secmlops.core.errors import InputError
from secmlops.data.reading import read_table
from secmlops.data_subject.rewriting import replace_file, without_rows


def rows(*gone: int, count: int = 4) -> np.ndarray:
    return np.isin(np.arange(count), gone)


@pytest.mark.parametrize(
    ("data", "left"),
    [
        (b"a,b\n1,x\n2,y\n3,z\n4,w\n", b"a,b\n1,x\n3,z\n"),
        (b"a,b\r\n1,x\r\n\r\n2,y\r\n3,z\r\n4,w", b"a,b\r\n1,x\r\n\r\n3,z\r\n"),
        (b'a;b\n1;"x\n""q"", x"\n2;"y\ny"\n3;z\n4;w\n', b'a;b\n1;"x\n""q"", x"\n3;z\n'),
        ("a,b\n1,é\n2,y\n3,z\n4,w\n".encode("utf-16"), "a,b\n1,é\n3,z\n".encode()),
        ("a,b\n1,é\n2,y\n3,z\n4,w\n".encode("cp1252"), "a,b\n1,é\n3,z\n".encode()),
    ],
)
def test_the_other_records_stay_as_they_are(data: bytes, left: bytes) -> None:
    assert read_table(data, "t.csv").table.num_rows == 4
    assert without_rows(data, rows(1, 3), "t.csv") == left


def test_a_table_that_counts_otherwise_is_not_touched() -> None:
    with pytest.raises(InputError, match="4 records where 5 rows"):
        without_rows(b"a\n1\n2\n3\n4\n", rows(1, count=5), "t.csv")


def test_parquet_keeps_its_types() -> None:
    table = pa.table({"a": pa.array([1, 2, 3, 4], pa.int32()), "b": ["x", "y", "z", "w"]})
    sink = io.BytesIO()
    pq.write_table(table, sink)
    left = pq.read_table(io.BytesIO(without_rows(sink.getvalue(), rows(0), "t.parquet")))
    assert left.equals(table.slice(1))


def test_a_file_is_replaced_in_one_step_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"old")
    path.chmod(0o640)
    replace_file(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o640)
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(InputError, match="cannot be written"):
        replace_file(tmp_path / "none" / "t.csv", b"new")
