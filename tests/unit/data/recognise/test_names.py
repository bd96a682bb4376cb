import pytest

from secmlops.data.recognise.names import MENTION, is_east_asian_name, is_person_name


@pytest.mark.parametrize(
    "text", ["Anna Kowalski", "SCHMIDT, Peter", "Dr. Maria Novak", "fatima", "Иван Петров", "Nguyễn Văn An"]
)
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


@pytest.mark.parametrize(("text", "found"), [("佐藤 花子", True), ("김철수", True), ("王", False), ("商品番号", False)])
def test_names_of_east_asia(text: str, found: bool) -> None:
    assert is_east_asian_name(text) is found
