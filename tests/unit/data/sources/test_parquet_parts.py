"""Parquet files of one table: what may differ between them, and what is refused with the name of the file."""

import os
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from secmlops.core.errors import InputError
from secmlops.data.sources import parquet_parts
from secmlops.data.sources.folder import folder_parts
from secmlops.data.sources.parquet_parts import ParquetParts


def parts(folder: Path, *tables: pa.Table) -> ParquetParts:
    for number, table in enumerate(tables):
        pq.write_table(table, folder / f"{number}.parquet")
    return ParquetParts("parts", folder_parts(folder))


def rows(source: ParquetParts) -> list[dict[str, object]]:
    return pa.Table.from_batches(source.batches(), source.schema).to_pylist()


def test_a_column_without_values_takes_the_type_of_the_others(tmp_path: Path) -> None:
    source = parts(tmp_path, pa.table({"a": pa.nulls(1), "n": pa.nulls(1)}), pa.table({"a": [5], "n": pa.nulls(1)}))
    assert source.schema == pa.schema({"a": pa.int64(), "n": pa.string()})
    assert rows(source) == [{"a": None, "n": None}, {"a": 5, "n": None}]


def test_whole_numbers_join_fractions(tmp_path: Path) -> None:
    source = parts(tmp_path, pa.table({"a": [1]}), pa.table({"a": [0.5]}))
    assert rows(source) == [{"a": 1.0}, {"a": 0.5}]


def test_a_whole_number_is_never_rounded_to_join(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="do not fit into double"):
        rows(parts(tmp_path, pa.table({"a": [2**53 + 1]}), pa.table({"a": [0.5]})))


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ({"a": ["x"], "b": [1]}, r"parts: 1\.parquet: column 'a' is string here, and int64 in 0\.parquet"),
        ({"a": [date(2026, 1, 1)], "b": [1]}, "column 'a' is date32"),
        ({"a": [1]}, r"it lacks columns, compared with 0\.parquet: 'b'"),
        ({"a": [1], "b": [1], "c": [1]}, "it has besides columns.*'c'"),
        ({"a": [[1]], "b": [1]}, "a column of type list"),
    ],
)
def test_other_columns_are_refused(second: dict[str, object], told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=told):
        parts(tmp_path, pa.table({"a": [1], "b": [2]}), pa.table(second))


@pytest.mark.parametrize("left", [0, 4, 50, -1])
def test_a_file_that_is_cut_off_is_named(left: int, tmp_path: Path) -> None:
    parts(tmp_path, pa.table({"a": [1]}), pa.table({"a": [2]}))
    path = tmp_path / "1.parquet"
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(InputError, match=r"parts: 1\.parquet: the Parquet file cannot be read"):
        ParquetParts("parts", folder_parts(tmp_path))


def test_a_broken_page_is_found_when_it_is_read(tmp_path: Path) -> None:
    source = parts(tmp_path, pa.table({"a": np.arange(100_000)}))
    path = tmp_path / "0.parquet"
    status, data = path.stat(), bytearray(path.read_bytes())
    data[4:400] = bytes(396)
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    with pytest.raises(InputError, match="cannot be read"):
        rows(source)


def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    source = parts(tmp_path, pa.table({"a": [1]}), pa.table({"a": [2]}))
    batches = source.batches()
    next(batches)
    pq.write_table(pa.table({"a": [7, 8, 9]}), tmp_path / "1.parquet")
    with pytest.raises(InputError, match="it changed while it was read"):
        list(batches)
    (tmp_path / "0.parquet").unlink()
    with pytest.raises(InputError, match=r"no such file|cannot be read"):
        list(source.batches())


def test_a_cell_of_ten_megabytes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"column b: a cell of 10485760 bytes, at most 1000000"):
        rows(parts(tmp_path, pa.table({"a": [1, 2], "b": ["x", "y" * (10 * 2**20)]})))


def test_of_wide_rows_fewer_are_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_parts, "BATCH_BYTES", 1_000)
    source = parts(tmp_path, pa.table({"a": np.random.default_rng(0).random(1_000)}))
    sizes = [batch.num_rows for batch in source.batches()]
    assert sum(sizes) == source.rows == 1_000
    assert max(sizes) < 200
    assert source.size is not None
    assert source.size > 8_000


def test_one_column_can_be_read_alone(tmp_path: Path) -> None:
    source = parts(tmp_path, pa.table({"a": [1], "b": ["x"]}))
    assert [batch.to_pydict() for batch in source.batches(["b"])] == [{"b": ["x"]}]
    source.close()
