"""Whatever a source is called, its table comes out, whole or in batches; what cannot be read is told."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kits.postgresql_here import url
from secmlops.core.errors import InputError
from secmlops.data.sources.location import Location
from secmlops.data.sources.memory import Allowance

PLENTY = Allowance(2**40)


def opened(location: str, folder: Path) -> pa.Table:
    source = Location(location, folder).open()
    table = pa.Table.from_batches(source.batches(), source.schema)
    assert source.rows in (None, table.num_rows)
    source.close()
    return table


def test_a_text_file_is_a_source(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,x\n2,y\n")
    assert opened("t.csv", tmp_path).to_pydict() == {"a": [1, 2], "b": ["x", "y"]}
    assert Location("t.csv", tmp_path).whole(PLENTY) == b"a,b\n1,x\n2,y\n"


def test_a_folder_is_one_table(folder: Path) -> None:
    assert opened("parts", folder).to_pydict() == {"a": [1, 2, 3], "b": ["x", "y", "z"]}


def test_the_bytes_of_a_folder_do_not_depend_on_its_files(folder: Path) -> None:
    whole = Location("parts", folder).whole(PLENTY)
    (folder / "other").mkdir()
    pq.write_table(pa.table({"a": [1, 2, 3], "b": ["x", "y", "z"]}), folder / "other" / "all.parquet")
    assert Location("other", folder).whole(PLENTY) == whole
    assert pq.read_table(pa.BufferReader(whole)).num_rows == 3


def test_a_prefix_of_objects_is_the_folder_they_came_from(folder: Path, s3) -> None:
    for path in (folder / "parts").iterdir():
        s3.upload_file(str(path), "plain", f"lending/{path.name}")
    s3.put_object(Bucket="plain", Key="lending/", Body=b"")
    assert Location("s3://plain/lending/", folder).whole(PLENTY) == Location("parts", folder).whole(PLENTY)
    assert opened("s3://plain/lending/", folder).num_rows == 3
    one = Location("s3://plain/lending/1.parquet", folder)
    assert one.whole(PLENTY) == (folder / "parts" / "1.parquet").read_bytes()
    s3.put_object(Bucket="plain", Key="lending/read.me", Body=b"x")
    with pytest.raises(InputError, match=r"not Parquet.*read\.me"):
        Location("s3://plain/lending/", folder).open()


def test_a_table_of_a_database_is_taken_down_in_one_file(tmp_path: Path, socket: str) -> None:
    whole = Location(url(socket, "table=people"), tmp_path).whole(PLENTY)
    assert pq.read_table(pa.BufferReader(whole)).num_rows == 500
    assert Location(url(socket, "table=people"), tmp_path).whole(PLENTY) == whole


def test_a_table_that_memory_would_not_hold_is_refused_before_it_is_read(folder: Path, socket: str) -> None:
    (folder / "t.csv").write_text("a\n" * 50)
    for location in ("t.csv", "parts", "parts/1.parquet", url(socket, "table=people")):
        with pytest.raises(InputError, match=r"GiB in memory, and a run needs about 6 times that"):
            Location(location, folder).whole(Allowance(100))


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("none.csv", "no such file"),
        ("gs://bucket/key", "no URL of a source"),
        ("s3://bucket", "no URL of an object"),
        ("s3://key:secret@bucket/key", "no URL of an object"),
        ("postgresql://u:hunter2@h/d?table=t", "a password in the URL"),
    ],
)
def test_what_names_no_source_is_refused_and_no_secret_told(location: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=told) as refused:
        Location(location, tmp_path).open()
    assert "hunter2" not in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_library_that_is_not_there_is_named(tmp_path: Path) -> None:
    code = """
import json, sys
from pathlib import Path
sys.modules.update({"boto3": None, "adbc_driver_postgresql": None})
from secmlops.core.errors import InputError
from secmlops.data.sources.location import Location
told = []
for url in ("s3://b/k", "postgresql://h/d?table=t"):
    try:
        Location(url, Path()).open()
    except InputError as error:
        told.append(error.hint)
print(json.dumps(told))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == ["pip install 'secmlops[s3]'", "pip install 'secmlops[postgresql]'"]
