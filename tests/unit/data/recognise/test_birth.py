import re

import pytest

from secmlops.data.recognise.birth import BIRTH_DATE, BIRTH_YEAR
from secmlops.data.recognise.spans import spans


@pytest.mark.parametrize("text", ["1980-05-17", "17.05.1980", "5/17/80", "19800517", "1980-05-17 00:00:00"])
def test_dates(text: str) -> None:
    assert re.search(BIRTH_DATE.whole, text)


def test_only_a_word_makes_a_date_in_prose_a_birth_date() -> None:
    for date in ("17.05.1980", "17 May 1980", "May 17th, 1980", "1980-05-17", "17. Mai 1980", "19800517"):
        text = f"patient born {date} in town"
        assert [text[s.start : s.end] for s in spans(text)] == [date]
        assert spans(f"delivered {date} in town") == ()


def test_years() -> None:
    assert re.search(BIRTH_YEAR.whole, "1980")
    assert not re.search(BIRTH_YEAR.whole, "3400")
