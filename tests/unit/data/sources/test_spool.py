"""Rows on the disk are read column by column, by several at once, by nobody else, and are gone when they are let go."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from secmlops.core.digest import Digest
from secmlops.data.sources.capture import ParquetDigest, as_parquet
from secmlops.data.sources.spool import Spool

TABLE = pa.table({"a": np.arange(150_000), "secret": ["a name that nobody may read"] * 150_000})


def test_columns_are_read_by_several_at_once(tmp_path: Path) -> None:
    with Spool("t", TABLE.to_batches(max_chunksize=1_000), TABLE.schema, tmp_path / "new") as spool:
        assert (spool.name, spool.rows, spool.size) == ("t", 150_000, None)
        with ThreadPoolExecutor(4) as workers:
            read = list(workers.map(lambda n: pa.Table.from_batches(spool.batches([n])), ["a", "secret"] * 2))
        assert all(table.equals(TABLE.select(table.column_names)) for table in read)
        assert pa.Table.from_batches(spool.batches(["secret", "a"])).column_names == ["secret", "a"]
        assert list((tmp_path / "new").iterdir()) == []
    with pytest.raises(ValueError, match="closed"):
        next(spool.batches())


def test_what_lies_on_the_disk_is_encrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = (tmp_path / "seen").open("w+b")
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: file)
    with Spool("t", TABLE.to_batches(), TABLE.schema, tmp_path):
        data = (tmp_path / "seen").read_bytes()
    assert data[:4] == b"PARE"
    assert b"nobody may read" not in data


def test_a_source_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    def broken():
        yield TABLE.to_batches()[0]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        Spool("t", broken(), TABLE.schema, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rows", [999, 70_000])
def test_the_digest_is_that_of_the_file_that_was_not_written(rows: int) -> None:
    digest = ParquetDigest()
    let_through = list(digest.watched(TABLE.to_batches(max_chunksize=rows), TABLE.schema))
    data = as_parquet(TABLE.to_batches(), TABLE.schema)
    assert digest.digest == Digest.of(data)
    assert pa.Table.from_batches(let_through).equals(TABLE)
    assert pq.read_table(pa.BufferReader(data)).equals(TABLE)
