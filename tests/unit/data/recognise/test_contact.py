import pytest

from secmlops.data.recognise.contact import EMAIL, IP_ADDRESS, PHONE, is_ip_address, is_phone


@pytest.mark.parametrize(
    "text", ["+49 30 23125 100", "0049 30 23125100", "+1 (212) 555-0134", "(212) 555-0134", "+353 20 910 1234"]
)
def test_phone_numbers(text: str) -> None:
    assert is_phone(text)


@pytest.mark.parametrize(
    "text", ["123456789", "+999 123456789", "2024-01-31", "112-555-0134", "+49 30", "1234567890123456"]
)
def test_what_is_no_phone_number(text: str) -> None:
    assert not is_phone(text)


@pytest.mark.parametrize("text", ["192.0.2.10", "2001:db8::1", " 198.51.100.7 "])
def test_ip_addresses(text: str) -> None:
    assert is_ip_address(text)


@pytest.mark.parametrize("text", ["1.2.3.4", "10.0.19041.1", "10:20:30", "256.1.1.1", "words"])
def test_versions_and_times_are_no_ip_addresses(text: str) -> None:
    assert not is_ip_address(text)


def test_mentions_in_prose() -> None:
    assert EMAIL.mentioned_in("write to anna@example.org please")
    assert not EMAIL.mentioned_in("meet @ noon")
    assert PHONE.mentioned_in("call back: +49 30 23125 100.")
    assert not PHONE.mentioned_in("a gain of +12345 points")
    assert IP_ADDRESS.mentioned_in("seen from 203.0.113.9 twice")
