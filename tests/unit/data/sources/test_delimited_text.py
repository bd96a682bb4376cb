"""A text that is read in parts is the table that it would be in memory; what is wrong with it is told by its line."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.errors import InputError
from secmlops.data.formats import text
from secmlops.data.reading import read_table
from secmlops.data.sources import delimited_text
from secmlops.data.sources.delimited_text import DelimitedText
from secmlops.data.sources.part import LocalPart

NUMBERS = ("1", "-2", "007", "1.5", "1e3", "1.169", "1,5", "1,234", str(2**70))
DAYS = ("2024-02-29", "31/12/2020", "12/31/2020", "1/2/2020", "31.12.2020", "2020-01-01T10:00Z", "2020-01-01 10:00")
CELLS = (*NUMBERS, *DAYS, "true", "x y", "", "NA", "a\nb", "ü", '"')


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a few rows, and pieces of a few lines."""
    monkeypatch.setattr(delimited_text, "BLOCK_BYTES", 100)
    monkeypatch.setattr(text, "PIECE_BYTES", 128)


def streamed(path: Path, data: bytes) -> DelimitedText:
    path.write_bytes(data)
    return DelimitedText(path.name, LocalPart.of(path, path.name))


def rows(source: DelimitedText, columns: list[str] | None = None) -> pa.Table:
    schema = source.schema if columns is None else pa.schema([source.schema.field(name) for name in columns])
    return pa.Table.from_batches(source.batches(columns), schema)


@settings(max_examples=40, deadline=None)
@given(
    columns=st.lists(st.lists(st.sampled_from(CELLS), min_size=1, max_size=3), min_size=2, max_size=4),
    order=st.randoms(use_true_random=False),
    delimiter=st.sampled_from(",;"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_types_values_and_notes_are_those_of_the_table_in_memory(
    columns: list[list[str]], order: object, delimiter: str, encoding: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = [[f"c{n}" for n in range(len(columns))]]
    lines += [[order.choice(kinds) for kinds in columns] for _ in range(40)]  # type: ignore[attr-defined]
    quoted = (delimiter.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    data = ("\n".join(quoted) + "\n").encode(encoding)
    whole = read_table(data, "t.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited_text, "BLOCK_BYTES", 100)
        patch.setattr(text, "PIECE_BYTES", 128)
        source = streamed(tmp_path_factory.mktemp("t") / "t.csv", data)
        assert rows(source).equals(whole.table.select(source.schema.names))
    guesses = [note for note in whole.notes if note.rule != "reading.mixed-types"]
    assert [note for note in source.notes if note.rule != "reading.mixed-types"] == guesses
    assert source.rows == 40


def test_a_type_that_holds_until_the_last_row_alone_is_not_taken(small: None, tmp_path: Path) -> None:
    source = streamed(tmp_path / "t.csv", b"a,b,c\n" + b"1,2024-02-29,5\n" * 60 + b"x,2023-02-29,0.5\n")
    assert source.schema.types == [pa.string(), pa.string(), pa.float64()]
    assert rows(source, ["c", "a"]).slice(59).to_pydict() == {"c": [5.0, 0.5], "a": ["1", "x"]}
    (note,) = source.notes
    assert (note.rule, note.where) == ("reading.mixed-types", "t.csv, line 62")


@pytest.mark.parametrize(
    ("tail", "what", "line"),
    [
        (b"1\n", "1 cell where the header has 2", 62),
        (b"1," + b"x" * 1_000_001 + b"\n", "a cell of 1000001 bytes in column 'b'", 62),
        (b'1,"x\n\ny\n', "a quote is opened and never closed", 62),
        (b"1,\0\n", "a NUL byte", 62),
    ],
)
def test_what_is_wrong_far_down_is_told_with_its_line(tail: bytes, what: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=what) as refused:
        streamed(tmp_path / "t.csv", b"a,b\n" + b'1,"x, y"\n' * 59 + b"\n2,3\n"[1:] + tail)
    assert refused.value.where == f"t.csv, line {line}"


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"", "empty"), (b"a,b\n", "no rows"), (b"PK\x03\x04", "ZIP"), (b"\x1f\x8b", "gzip"), (b"1,2\n3,4\n", "numbers")],
)
def test_what_is_no_table_is_refused_as_in_memory(data: bytes, what: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=what):
        streamed(tmp_path / "t.csv", data)


def test_a_file_that_changes_between_two_readings_is_refused(tmp_path: Path) -> None:
    source = streamed(tmp_path / "t.csv", b"a\n1\n2\n")
    (tmp_path / "t.csv").write_bytes(b"a\nx\n2\n")
    with pytest.raises(InputError, match="changed while it was read"):
        rows(source)
