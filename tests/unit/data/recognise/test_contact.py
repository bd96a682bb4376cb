import pytest

from secmlops.data.recognise.contact import is_email, is_ip_address
from secmlops.data.recognise.spans import spans


@pytest.mark.parametrize("text", ["192.0.2.10", "2001:db8::1", " 198.51.100.7 "])
def test_ip_addresses(text: str) -> None:
    assert is_ip_address(text)


@pytest.mark.parametrize("text", ["1.2.3.4", "10.0.19041.1", "10:20:30", "256.1.1.1", "words"])
def test_versions_and_times_are_no_ip_addresses(text: str) -> None:
    assert not is_ip_address(text)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("write to anna@example.org please", ["e-mail address"]),
        ("write to jürgen@müller.de please", ["e-mail address"]),
        ("用户@例子.广告", ["e-mail address"]),
        ("anna [at] example.org", ["e-mail address"]),
        ("meet @ noon", []),
        ("12 pieces@1.25 each", []),
        ("seen from 203.0.113.9 twice", ["IP address"]),
        ("seen from 2001:db8::7f twice", ["IP address"]),
        ("bound to 127.0.0.1 and 255.255.255.0 and ::1", []),
        ("firmware 10.0.19.41 runs", []),
        ("device 00:1B:44:11:3A:B7 was seen", ["device address"]),
        ("device 001b.4411.3ab7 was seen", ["device address"]),
        ("sent to FF:FF:FF:FF:FF:FF", []),
        ("from 10:20:30 to 11:20:30", []),
    ],
)
def test_mentions_in_prose(text: str, kinds: list[str]) -> None:
    assert [s.kind for s in spans(text)] == kinds


@pytest.mark.parametrize("text", ["anna@example.org", "jürgen@example.org", "x@müller.de", "x@xn--mller-kva.xn--p1ai"])
def test_email_addresses(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize("text", ["anna@localhost", "@anna", "a@b", "1@2.3"])
def test_what_is_no_email_address(text: str) -> None:
    assert not is_email(text)
