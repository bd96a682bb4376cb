"""Tables survive being written as CSV, and no bytes make the reader fail in another way than by saying so."""

import csv
import io

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.errors import InputError
from secmlops.data.reading import read_table

WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12
).map(lambda text: f"x{text}z")


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(WORDS, st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False)), min_size=2, max_size=12),
    st.sampled_from(",;\t|"),
)
def test_values_come_back_as_written(rows: list[tuple[str, int, float]], delimiter: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerows([("word", "whole", "number"), *rows])
    table = read_table(text.getvalue().encode(), "t.csv").table
    assert table["word"].to_pylist() == [word for word, _, _ in rows]
    assert table["whole"].to_pylist() == [whole for _, whole, _ in rows]
    assert [float(n) for n in table["number"].to_pylist()] == [number for _, _, number in rows]


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text('ab,;"\n\r|\t1. -é', max_size=120).map(lambda text: text.encode("latin-1")),
        st.binary(max_size=60).map(lambda data: b"PAR1" + data + b"PAR1"),
    ),
    st.sampled_from(["t.csv", "t.parquet"]),
)
def test_arbitrary_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    outcome = _outcome(data, name)
    if isinstance(outcome, InputError):
        assert outcome.where.startswith(name)
    else:
        assert outcome.num_rows >= 2
        assert len(set(outcome.column_names)) == outcome.num_columns


def _outcome(data: bytes, name: str) -> pa.Table | InputError:
    try:
        return read_table(data, name).table
    except InputError as refused:
        return refused


def test_the_reader_is_not_always_refusing() -> None:
    with pytest.raises(InputError):
        read_table(b"a", "t.csv")
    assert read_table(b"a\n1\n2\n", "t.csv").table.num_rows == 2
