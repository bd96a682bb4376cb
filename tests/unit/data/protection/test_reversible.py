import pyarrow as pa
import pytest

from secmlops.core.errors import VerificationError
from secmlops.data.protection.reversible import KEY_BYTES, pseudonymise_reversibly, revealed

KEY = bytes(range(KEY_BYTES))
NAMES = pa.chunked_array([["Ann", "Bob"], ["Ann", None, "Zoë O'Hara"]])


def pseudonyms() -> list[str]:
    return pseudonymise_reversibly(NAMES, KEY).to_pylist()


def test_equal_values_have_equal_pseudonyms_and_the_key_reverses_them() -> None:
    made = pseudonyms()
    assert made[0] == made[2] != made[1]
    assert made[3] is None
    assert revealed([name for name in made if name], KEY) == ("Ann", "Bob", "Ann", "Zoë O'Hara")
    assert all(name is None or (name.isalnum() and name == name.lower()) for name in made)


def test_space_around_a_copied_pseudonym_does_not_count() -> None:
    assert revealed([f" {pseudonyms()[0]}\n"], KEY) == ("Ann",)


@pytest.mark.parametrize(
    "changed",
    [
        lambda p: p[:-1],
        lambda p: p + "a",
        lambda p: ("b" if p[0] == "a" else "a") + p[1:],
        lambda p: p.upper(),
        lambda p: p[:-1] + chr(ord(p[-1]) + 1),
        lambda _: "",
        lambda _: "Ann",
        lambda _: "\u0661\u0662",
        lambda p: p * 2,
    ],
)
def test_what_is_no_pseudonym_of_this_key_is_refused(changed) -> None:
    with pytest.raises(VerificationError, match="no pseudonym of this column"):
        revealed([changed(pseudonyms()[0])], KEY)


def test_another_key_reverses_nothing() -> None:
    with pytest.raises(VerificationError):
        revealed([pseudonyms()[0]], KEY[::-1])
