import pytest

from secmlops.data.recognise.contact import EMAIL, IP_ADDRESS, MAC_ADDRESS, PHONE, is_email, is_ip_address, is_phone


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


@pytest.mark.parametrize("text", ["192.0.2.10", "2001:db8::1", " 198.51.100.7 "])
def test_ip_addresses(text: str) -> None:
    assert is_ip_address(text)


@pytest.mark.parametrize("text", ["1.2.3.4", "10.0.19041.1", "10:20:30", "256.1.1.1", "words"])
def test_versions_and_times_are_no_ip_addresses(text: str) -> None:
    assert not is_ip_address(text)


def test_mentions_in_prose() -> None:
    assert EMAIL.mentioned_in("write to anna@example.org please")
    assert not EMAIL.mentioned_in("meet @ noon")
    assert EMAIL.mentioned_in("write to jürgen@müller.de please")
    assert EMAIL.mentioned_in("用户@例子.广告")
    assert EMAIL.mentioned_in("anna [at] example.org")
    assert not EMAIL.mentioned_in("12 pieces@1.25 each")
    assert PHONE.mentioned_in("call back: +49 30 23125 100.")
    assert PHONE.mentioned_in("Tel.: 030 1234567")
    assert PHONE.mentioned_in("reached him on 0171 1234567 today")
    assert not PHONE.mentioned_in("order 01711234567 of lot 0300 1234567")
    assert not PHONE.mentioned_in("a gain of +12345 points")
    assert IP_ADDRESS.mentioned_in("seen from 203.0.113.9 twice")
    assert MAC_ADDRESS.mentioned_in("device 00:1B:44:11:3A:B7 was seen")
    assert not MAC_ADDRESS.mentioned_in("from 10:20:30 to 11:20:30")


@pytest.mark.parametrize("text", ["anna@example.org", "jürgen@example.org", "x@müller.de", "x@xn--mller-kva.xn--p1ai"])
def test_email_addresses(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize("text", ["anna@localhost", "@anna", "a@b", "1@2.3"])
def test_what_is_no_email_address(text: str) -> None:
    assert not is_email(text)
