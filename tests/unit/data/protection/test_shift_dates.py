from collections import Counter
from datetime import UTC, date, datetime, time

import numpy as np
import pyarrow as pa
import pytest

from secmlops.data.protection.shift_dates import days_of, shift_dates

KEY = b"k" * 32
PERSONS = pa.chunked_array([["ann", "bob", "ann"], [None, "bob"]])
DATES = pa.chunked_array([[date(2024, 1, 1), date(2024, 2, 28), date(2024, 3, 1)], [date(2020, 5, 5), None]])


def test_the_time_between_the_dates_of_a_person_stays() -> None:
    moved = shift_dates(DATES, PERSONS, KEY, 30)
    assert moved.type == pa.date32()
    first, other, second, nobody, missing = moved.to_pylist()
    assert (second - first).days == 60
    assert (first - date(2024, 1, 1)).days == days_of("ann", KEY, 30)
    assert (other - date(2024, 2, 28)).days == days_of("bob", KEY, 30)
    assert nobody is None
    assert missing is None


def test_moments_keep_their_time_of_day() -> None:
    moments = pa.chunked_array([[datetime(2024, 1, 1, 13, 45, 7, 12, tzinfo=UTC)] * 2])
    moved = shift_dates(moments.cast(pa.timestamp("us")), pa.chunked_array([["ann", "bob"]]), KEY, 30)
    assert moved.type == pa.timestamp("us")
    assert {m.time() for m in moved.to_pylist()} == {time(13, 45, 7, 12)}


def test_another_key_moves_by_other_days() -> None:
    names = [f"p{i}" for i in range(50)]
    assert [days_of(n, KEY, 30) for n in names] != [days_of(n, b"l" * 32, 30) for n in names]


@pytest.mark.parametrize("bound", [1, 30])
def test_every_number_of_days_within_the_bound_is_drawn_about_as_often(bound: int) -> None:
    drawn = Counter(days_of(str(i), KEY, bound) for i in range(200 * (2 * bound + 1)))
    assert set(drawn) == set(range(-bound, bound + 1))
    expected = 200.0
    chi_squared = sum((count - expected) ** 2 / expected for count in drawn.values())
    assert chi_squared < 2 * bound + 6 * np.sqrt(4 * bound)


def test_numbered_persons_are_known_by_their_text() -> None:
    dates = pa.chunked_array([[date(2024, 1, 1)]])
    assert shift_dates(dates, pa.chunked_array([[7]]), KEY, 9) == shift_dates(dates, pa.chunked_array([["7"]]), KEY, 9)


def test_where_nobody_is_named_nothing_is_told() -> None:
    nobody = pa.chunked_array([pa.array([None, None], pa.string())])
    assert shift_dates(DATES.slice(0, 2), nobody, KEY, 30).null_count == 2
