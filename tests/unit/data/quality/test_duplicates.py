import numpy as np
import pytest

from secmlops.data.quality.columns import JudgedColumns
from secmlops.data.quality.duplicates import Duplicates, find_duplicates

ROWS = 1_000
RNG = np.random.default_rng(4)
NUMBERS = RNG.normal(size=(8, ROWS))
CODES = RNG.integers(0, 5, (3, ROWS))
LABEL = RNG.integers(0, 2, ROWS)
COPIES = np.arange(900, 950)
SOURCES = np.arange(50)


def search(numbers: np.ndarray, codes: np.ndarray = CODES, label: np.ndarray = LABEL) -> Duplicates:
    columns = JudgedColumns(
        {f"n{i}": values for i, values in enumerate(numbers)}, {f"c{i}": values for i, values in enumerate(codes)}
    )
    return find_duplicates(columns, label, 0.01)


def copied(noise: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    numbers, codes = NUMBERS.copy(), CODES.copy()
    numbers[:, COPIES] = numbers[:, SOURCES] + noise * rng.normal(size=(8, 50))
    codes[:, COPIES] = codes[:, SOURCES]
    return numbers, codes


def test_different_rows_are_no_duplicates() -> None:
    found = search(NUMBERS)
    assert not len(found.near)
    assert not len(found.contradicting)
    assert not len(found.by_chance)


def test_rows_that_differ_in_one_column_are_all_found() -> None:
    numbers, codes = copied()
    numbers[2, COPIES] += 1.0
    assert search(numbers, codes).near.tolist() == COPIES.tolist()


def test_rows_that_differ_in_one_category_are_all_found() -> None:
    numbers, codes = copied()
    codes[1, COPIES] = (codes[1, COPIES] + 1) % 5
    assert search(numbers, codes).near.tolist() == COPIES.tolist()


def test_rows_that_differ_by_rounding_everywhere_are_found() -> None:
    numbers, codes = copied(noise=0.001)
    assert np.isin(COPIES, search(numbers, codes).near).mean() >= 0.95
    assert np.isin(search(numbers, codes).near, COPIES).all()


def test_gaps_are_equal_to_gaps_only() -> None:
    numbers, codes = copied(noise=0.0005)
    numbers[3, [*SOURCES, *COPIES]] = np.nan
    assert np.isin(COPIES, search(numbers, codes).near).mean() >= 0.95
    numbers[3, COPIES], numbers[4, SOURCES] = 0.0, np.nan
    assert not len(search(numbers, codes).near)


def test_rows_that_differ_by_more_in_two_columns_are_not_near() -> None:
    numbers, codes = copied()
    numbers[:2, COPIES] += 1.0
    assert not len(search(numbers, codes).near)


def test_exact_copies_are_not_near_ones() -> None:
    numbers, codes = copied()
    label = LABEL.copy()
    label[COPIES] = label[SOURCES]
    found = search(numbers, codes, label)
    assert not len(found.near)
    assert not len(found.contradicting)


def test_copies_with_another_label_contradict() -> None:
    numbers, codes = copied()
    label = LABEL.copy()
    label[COPIES] = 1 - label[SOURCES]
    assert search(numbers, codes, label).contradicting.tolist() == [*SOURCES, *COPIES]


def test_alike_rows_of_a_coarse_table_are_chance() -> None:
    rng = np.random.default_rng(7)
    coarse = rng.integers(0, 3, (6, 300))
    found = find_duplicates(JudgedColumns({}, {f"c{i}": c for i, c in enumerate(coarse)}), LABEL[:300], 0.01)
    assert not len(found.near)
    assert len(found.by_chance) > 20


@pytest.mark.parametrize("columns", [0, 3])
def test_few_columns_say_nothing(columns: int) -> None:
    found = search(np.zeros((columns, ROWS)), CODES[:0])
    assert not len(found.near)
    assert not len(found.by_chance)
