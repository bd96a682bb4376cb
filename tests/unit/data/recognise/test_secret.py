import pytest

from secmlops.data.recognise.secret import has_a_mark, is_random
from secmlops.data.recognise.spans import spans

# Put together here, so that no scanner of this repository takes them for keys.
KEYS = {
    "aws": "AKIA" + "J3K5L7M2N4P6Q2R5",
    "github": "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "stripe": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "google": "AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
    "slack": "xoxb-" + "123456789012-abcdefGHIJKL",
    "token": "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
}


@pytest.mark.parametrize("name", KEYS)
def test_the_mark_of_an_issuer_tells_a_key(name: str) -> None:
    (span,) = spans(f"we used {KEYS[name]} there")
    assert (span.kind, span.start, span.end) == ("secret", 8, 8 + len(KEYS[name]))
    assert span.confidence >= 0.95
    assert KEYS[name] not in span.why
    assert has_a_mark(KEYS[name])
    assert not has_a_mark(KEYS[name][:12])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("password: hunter2Zq!x", "hunter2Zq!x"),
        ("DB_PASSWORD=k9$Lm2#vQ7", "k9$Lm2#vQ7"),
        ('{"client_secret": "9f8a7b6c5d4e"}', "9f8a7b6c5d4e"),
        ("the passphrase is Tr0ub4dor&3x", None),
    ],
)
def test_a_random_value_behind_a_word(text: str, value: str | None) -> None:
    (span,) = spans(text)
    assert span.kind == "secret"
    assert value is None or text[span.start : span.end] == value


@pytest.mark.parametrize(
    "text",
    ["password: required", "password=${DB_PASSWORD}", "token: ********", "the key is important", "secret = <secret>"],
)
def test_placeholders_are_no_secrets(text: str) -> None:
    assert spans(text) == ()


def test_a_private_key_is_told_by_its_first_line() -> None:
    (span,) = spans("-----BEGIN " + "RSA PRIVATE KEY-----\nMIIB")
    assert span.confidence == 1.0


@pytest.mark.parametrize(("text", "random"), [("aaaaaaaa", False), ("short", False), ("x9Kq2Lm8", True)])
def test_randomness(text: str, random: bool) -> None:
    assert is_random(text) is random
