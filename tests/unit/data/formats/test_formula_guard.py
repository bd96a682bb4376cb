"""What a spreadsheet would run is kept as text, and everything else as it is."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secmlops.data.formats.formula_guard import guard_formulas, guarded_text

DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\x00=1",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff20a",
]
HARMLESS = ["", "a=1", " =1", "1-1", "'=1", "a\n=1", "ä@b"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_formula_gets_a_quote_before_it(text):
    assert guarded_text(text) == "'" + text


@pytest.mark.parametrize("text", HARMLESS)
def test_any_other_text_stays_as_it_is(text):
    assert guarded_text(text) == text


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_a_column_is_guarded_cell_by_cell(kind):
    column = pa.chunked_array([["=1", None], ["b"]], kind)
    guarded, count = guard_formulas(column)
    assert (guarded.to_pylist(), guarded.type, count) == (["'=1", None, "b"], kind, 1)


@pytest.mark.parametrize(
    "column", [pa.chunked_array([[-1, 2]]), pa.chunked_array([[b"=1"]]), pa.chunked_array([[None]], pa.string())]
)
def test_other_columns_stay_as_they_are(column):
    guarded, count = guard_formulas(column)
    assert guarded is column
    assert count == 0


@given(st.text())
def test_no_text_begins_with_a_sign_of_a_formula_afterwards(text):
    guarded = guarded_text(text)
    assert guarded in (text, "'" + text)
    assert not guarded.startswith(tuple("=+-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20"))
