import pytest

from secmlops.data.recognise.names import MENTION, is_person_name


@pytest.mark.parametrize("text", ["Anna Kowalski", "SCHMIDT, Peter", "Dr. Maria Novak", "fatima"])
def test_names(text: str) -> None:
    assert is_person_name(text)


@pytest.mark.parametrize("text", ["Blue Widget", "radio television", "a b c d e Anna"])
def test_what_is_no_name(text: str) -> None:
    assert not is_person_name(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("spoke with Anna Kowalski today", True),
        ("Mrs. Zzyzx called", True),
        ("Martin guitars are fine", False),
        ("Anna Bridge was closed", False),
    ],
)
def test_mentions_in_prose(text: str, found: bool) -> None:
    assert MENTION.mentioned_in(text) is found
