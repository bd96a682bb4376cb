import numpy as np
import pyarrow as pa
import pytest

from secmlops.data.discovery.clues import CHECKED_CELLS, cells_of, clues_of
from secmlops.data.recognise.kind import Kind

RNG = np.random.default_rng(3)


def test_some_cells_are_drawn_and_cut() -> None:
    column = pa.chunked_array([[f"{i} " + "x" * 3_000 for i in range(CHECKED_CELLS + 500)]])
    cells = cells_of("remark", column, RNG)
    assert cells is not None
    assert (len(cells.all), len(cells.some)) == (CHECKED_CELLS + 500, CHECKED_CELLS)
    assert max(len(str(text)) for text in cells.some.to_pylist()) == 1_000
    assert cells.prose


def test_nothing_personal_stands_in_truth_values_fractions_and_nothing() -> None:
    for values in ([True, False], [1.5, 2.5], pa.nulls(2, pa.string())):
        assert cells_of("ssn", pa.chunked_array([values]), RNG) is None


@pytest.mark.parametrize("odd", [0.5, float("inf"), float("-inf"), 1e300, -1e300])
def test_one_odd_number_hides_no_others(odd: float) -> None:
    numbers = [float(4_915_123_456_000 + i) for i in range(300)]
    cells = cells_of("phone", pa.chunked_array([[*numbers, odd]]), RNG)
    assert cells is not None
    assert [clue.kind for clue in clues_of(cells, RNG)] == [Kind.PHONE]


def test_shares_are_counted_in_all_cells_on_demand() -> None:
    rows = 10 * CHECKED_CELLS
    values = [f"p{i}@example.org" if i % 4 else "-" for i in range(rows)]
    cells = cells_of("contact", pa.chunked_array([values]), RNG, exact=True)
    assert cells is not None
    (clue,) = clues_of(cells, RNG)
    assert (clue.kind, clue.share, clue.whole) == (Kind.EMAIL, 0.75, True)


def test_what_a_column_of_one_kind_mentions_besides_is_found_too() -> None:
    values = [f"Lindenstraße {i}, call +49 30 23125 {i:03d}" for i in range(300)]
    cells = cells_of("street", pa.chunked_array([values]), RNG)
    assert cells is not None
    assert {clue.kind for clue in clues_of(cells, RNG)} == {Kind.ADDRESS, Kind.PHONE}


def test_remarks_between_short_cells_are_read_as_prose() -> None:
    """The mean cell is short, and yet every third says who is to be called."""
    remarks = pa.array([f"call +49 30 2312{i:04d}" if i % 3 == 0 else "ok" for i in range(120)])
    cells = cells_of("remark", pa.chunked_array([remarks]), np.random.default_rng(1))
    assert cells is not None
    assert {clue.kind for clue in clues_of(cells, np.random.default_rng(1))} == {Kind.PHONE}
    few = cells_of("size", pa.chunked_array([pa.array(["<0 DM", "no", "real estate"])]), np.random.default_rng(1))
    assert few is not None
    assert not few.prose
