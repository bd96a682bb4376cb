import re

import pytest

from secmlops.data.recognise.birth import BIRTH_DATE, BIRTH_YEAR


@pytest.mark.parametrize("text", ["1980-05-17", "17.05.1980", "5/17/80", "19800517", "1980-05-17 00:00:00"])
def test_dates(text: str) -> None:
    assert re.search(BIRTH_DATE.whole, text)


def test_only_a_word_makes_a_date_in_prose_a_birth_date() -> None:
    assert BIRTH_DATE.mentioned_in("patient born 17.05.1980 in town")
    assert not BIRTH_DATE.mentioned_in("delivered 17.05.1980 in town")


def test_years() -> None:
    assert re.search(BIRTH_YEAR.whole, "1980")
    assert not re.search(BIRTH_YEAR.whole, "3400")
