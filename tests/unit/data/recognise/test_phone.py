import pytest

from secmlops.data.recognise.phone import is_phone
from secmlops.data.recognise.spans import spans


@pytest.mark.parametrize(
    "text",
    [
        "+49 30 23125 100",
        "0049 30 23125100",
        "+1 (212) 555-0134",
        "(212) 555-0134",
        "+353 20 910 1234",
        "0171 1234567",
        "0152/12345678",
        "07700 900123",
        "06 12 34 56 78",
        "01701234567",
    ],
)
def test_phone_numbers(text: str) -> None:
    assert is_phone(text)


@pytest.mark.parametrize(
    "text",
    [
        "123456789",
        "+999 123456789",
        "2024-01-31",
        "112-555-0134",
        "+49 30",
        "1234567890123456",
        "0181 1234567",
        "07000 900123",
        "0612345678",
        "0300 1234",
    ],
)
def test_what_is_no_phone_number(text: str) -> None:
    assert not is_phone(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("call back: +49 30 23125 100.", True),
        ("Tel.: 030 1234567", True),
        ("reached him on 0171 1234567 today", True),
        ("ring me at 0664 1234567", True),
        ("call (0)20 7946 0018 now", True),
        ("from 212-555-0134 again", True),
        ("order 01711234567 of lot 0300 1234567", False),
        ("a gain of +12345 points", False),
        ("room 0300 1234567", False),
    ],
)
def test_mentions_in_prose(text: str, found: bool) -> None:
    assert [s.kind for s in spans(text)] == ["phone number"] * found
