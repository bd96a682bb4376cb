import re

import pytest

from secmlops.data.recognise import health as h
from secmlops.data.recognise.spans import spans


def test_check_digits() -> None:
    assert h.is_nhs_number("943 476 5919")
    assert not h.is_nhs_number("943 476 5918")
    assert h.is_german_health_insurance("A123456780")
    assert not h.is_german_health_insurance("A123456781")
    assert h.is_australian_medicare("2123 45670 1")
    assert not h.is_australian_medicare("2123 45671 1")


@pytest.mark.parametrize("text", ["MRN-00482913", "A123456780", "7731-204-88"])
def test_forms(text: str) -> None:
    assert re.search(h.MEDICAL_RECORD.whole, text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("MRN: 00482913 was discharged", ["health number"]),
        ("medical record number 731204", ["health number"]),
        ("order 00482913 was sent", []),
        ("the patient had 731204 steps", []),
    ],
)
def test_a_record_needs_its_word(text: str, found: list[str]) -> None:
    assert [s.kind for s in spans(text)] == found
