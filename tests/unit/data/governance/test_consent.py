import pyarrow as pa
import pytest

from secmlops.core.errors import InputError
from secmlops.data.governance.consent import consented, read_subjects

TABLE = pa.table(
    {
        "who": ["a", "b", "c", " d ", "e", None],
        "number": [1, 2, 3, 4, 5, 6],
        "yes": [True, False, True, None, True, True],
        "word": [" Yes", "no", "granted", "", "1", "maybe"],
    }
)


def left(*arguments: object) -> list[int]:
    return consented(TABLE, *arguments).table["number"].to_pylist()  # type: ignore[arg-type]  # a shorthand


def test_all_rows_stay_where_consent_is_no_question() -> None:
    assert consented(TABLE, None).table is TABLE


@pytest.mark.parametrize(("column", "numbers"), [("yes", [1, 3, 5, 6]), ("word", [1, 3, 5])])
def test_only_a_clear_yes_is_a_yes(column: str, numbers: list[int]) -> None:
    assert left(column) == numbers
    assert consented(TABLE, column).refused == 6 - len(numbers)


def test_one_is_yes_and_other_numbers_are_not() -> None:
    assert left("number") == [1]


def test_rows_of_those_who_withdrew_are_left_out_and_counted() -> None:
    found = consented(TABLE, None, "who", {"b", "d", "nobody"})
    assert found.table["number"].to_pylist() == [1, 3, 5, 6]
    assert (found.refused, found.withdrawn, found.unknown) == (0, 2, 1)


def test_subjects_may_be_numbers() -> None:
    assert left(None, "number", {"2", "5"}) == [1, 3, 4, 6]


def test_both_count_together() -> None:
    found = consented(TABLE, "yes", "who", {"a", "b"})
    assert found.table["number"].to_pylist() == [3, 5, 6]
    assert (found.refused, found.withdrawn) == (2, 2)


def test_nobody_left_is_refused() -> None:
    with pytest.raises(InputError, match="no row is left"):
        left(None, "number", {str(n) for n in range(7)})


def test_subjects_are_read_line_by_line() -> None:
    assert read_subjects("\ufeffa\r\n\n  b c \nd".encode(), "withdrawn.txt") == {"a", "b c", "d"}
    assert read_subjects(b"", "withdrawn.txt") == frozenset()


def test_other_encodings_are_refused_without_a_word_of_the_text() -> None:
    with pytest.raises(InputError, match="not UTF-8") as refused:
        read_subjects("Anna Müller".encode("latin-1"), "withdrawn.txt")
    assert "Anna" not in str(refused.value)
