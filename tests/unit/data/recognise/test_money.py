import pytest

from secmlops.data.recognise.money import CARD, IBAN, is_card, is_iban
from secmlops.data.recognise.spans import spans

TEST_CARDS = ["4111 1111 1111 1111", "5555555555554444", "2223003122003222", "378282246310005", "6011111111111117"]


@pytest.mark.parametrize("text", TEST_CARDS)
def test_cards_of_the_networks_test_ranges(text: str) -> None:
    assert is_card(text)
    assert not is_card(text[:-1] + str((int(text[-1]) + 1) % 10))


@pytest.mark.parametrize("text", ["1111111111111117", "0000000000000000", "4111"])
def test_other_issuers_and_lengths_are_no_cards(text: str) -> None:
    assert not is_card(text)


@pytest.mark.parametrize("text", ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "no93 8601 1117 947"])
def test_ibans_of_the_registry(text: str) -> None:
    assert is_iban(text)
    assert not is_iban(text[:-1] + str((int(text[-1]) + 1) % 10))


@pytest.mark.parametrize("text", ["DE8937040044053201300", "XX89370400440532013000", ""])
def test_other_lengths_and_countries_are_no_ibans(text: str) -> None:
    assert not is_iban(text)


def test_mentions_in_prose() -> None:
    assert CARD.mentioned_in("paid with 4111-1111-1111-1111 in May")
    assert not CARD.mentioned_in("order 4111-1111-1111-1112")
    assert IBAN.mentioned_in("to DE89 3704 0044 0532 0130 00, thanks")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("to DE89 3704 0044 0532 0130 00 THANKS AGAIN", "DE89 3704 0044 0532 0130 00"),
        ("iban de89370400440532013000", "de89370400440532013000"),
        ("GB82-WEST-1234-5698-7654-32;", "GB82-WEST-1234-5698-7654-32"),
        ("5555.5555.5555.4444 paid", "5555.5555.5555.4444"),
        ("amex 3782 822463 10005", "3782 822463 10005"),
        ("paid with 4111111111111111", "4111111111111111"),
    ],
)
def test_spans(text: str, value: str) -> None:
    assert [text[s.start : s.end] for s in spans(text)] == [value]


@pytest.mark.parametrize(
    "text", ["order 4111111111111111 sent", "timestamp 1700000000000", "DE89 3704 0044 0532 0130 01"]
)
def test_other_numbers(text: str) -> None:
    assert spans(text) == ()
