"""Numbers and nouns agree."""

import pytest

from secmlops.core.counting import counted


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 entries"), (1, "1 entry"), (2, "2 entries"), (1000, "1,000 entries")]
)
def test_only_one_is_one(number: int, told: str) -> None:
    assert counted(number, "entry", "entries") == told


def test_a_noun_takes_an_s_unless_it_has_a_plural_of_its_own() -> None:
    assert (counted(1, "row"), counted(3, "row"), counted(2, "proof", "proofs")) == ("1 row", "3 rows", "2 proofs")
