"""Tables that come part by part are written whole or not at all."""

import io
import stat
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from kits.columns_world import applications
from secmlops.core.errors import GateShutError, InputError
from secmlops.data.columns.export import Written, write_csv, write_parquet, write_table_file


def parts(rows: int = 300):
    table = applications(rows)
    return (table.slice(start, 100) for start in range(0, rows, 100))


def stopping():
    yield applications(100)
    raise GateShutError("the right ended")


def test_csv_has_one_header_and_all_rows():
    sink = io.BytesIO()
    written = write_csv(parts(), sink)
    read = pa_csv.read_csv(io.BytesIO(sink.getvalue()))
    assert (written.rows, read.num_rows) == (300, 300)
    assert read.column_names == applications().column_names
    assert read["loans"].equals(applications()["loans"])


def test_no_cell_and_no_header_is_run_as_a_formula():
    table = pa.table({"=cmd": ["=1+1", "a=b", None], "n": [-1, 2, 3], "'=cmd": ["+1", "@x", "-"]})
    sink = io.BytesIO()
    assert write_csv([table], sink) == Written(3, 4)
    assert sink.getvalue().decode().splitlines() == [
        '"\'=cmd","n","\'=cmd"',
        '"\'=1+1",-1,"\'+1"',
        '"a=b",2,"\'@x"',
        ',3,"\'-"',
    ]


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())])
def test_a_text_is_guarded_however_it_is_kept(kind):
    sink = io.BytesIO()
    column = (
        pa.array(["=1", "b", None]).dictionary_encode()
        if pa.types.is_dictionary(kind)
        else pa.array(["=1", "b", None], kind)
    )
    assert write_csv([pa.table({"x": column})], sink).guarded == 1
    assert sink.getvalue().decode().splitlines()[1:3] == ['"\'=1"', '"b"']


@pytest.mark.parametrize("column", [[b"=1"], [["=1"]], [{"a": "=1"}]])
def test_what_is_no_text_in_csv_is_refused(column):
    with pytest.raises(InputError, match="cannot be written as CSV"):
        write_csv([pa.table({"x": column})], io.BytesIO())


def test_parquet_keeps_every_value_as_it_is():
    sink = io.BytesIO()
    assert write_parquet(parts(), sink) == Written(300)
    assert pq.read_table(io.BytesIO(sink.getvalue())).equals(applications())


@pytest.mark.parametrize("name", ["out.csv", "out.PARQUET"])
def test_the_ending_says_what_is_written_and_only_the_owner_may_read_it(tmp_path, name):
    path = tmp_path / name
    path.write_text("what was there before")
    assert write_table_file(parts(), path).rows == 300
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == [name]
    with path.open("rb") as file:
        assert (file.read(4) == b"PAR1") == name.endswith("PARQUET")


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_when_the_tables_stop_nothing_is_left_and_what_was_there_stays(tmp_path, name):
    path = tmp_path / name
    path.write_text("what was there before")
    with pytest.raises(GateShutError):
        write_table_file(stopping(), path)
    assert path.read_text() == "what was there before"
    assert [found.name for found in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["out.xlsx", "out", ".csv"])
def test_another_ending_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="neither"):
        write_table_file(parts(), tmp_path / name)


def test_a_folder_that_is_not_there(tmp_path: Path):
    with pytest.raises(InputError, match="No such file"):
        write_table_file(parts(), tmp_path / "none" / "out.csv")
