import pyarrow as pa
import pytest

from secmlops.core.errors import VerificationError
from secmlops.data.protection.encrypt import encrypt, restore

KEY = bytes(range(64))
COLUMN = pa.chunked_array([["Anna", "Ünal", "", None, "Anna"]])


def test_values_come_back() -> None:
    assert restore(encrypt(COLUMN, KEY), KEY).to_pylist() == COLUMN.to_pylist()


def test_equality_is_the_only_thing_that_shows() -> None:
    hidden = encrypt(COLUMN, KEY).to_pylist()
    assert hidden[0] == hidden[4] != hidden[1]
    assert "Anna" not in str(hidden)


@pytest.mark.parametrize(
    "damage", [lambda t: t[:-4], lambda t: "AAAA" + t[4:], lambda t: "%" + t[1:], lambda _: "AAAA"]
)
def test_a_changed_cell_is_refused(damage: object) -> None:
    assert callable(damage)
    hidden = [damage(cell) for cell in encrypt(pa.chunked_array([["Anna Schmidt"]]), KEY).to_pylist()]
    with pytest.raises(VerificationError):
        restore(pa.chunked_array([hidden]), KEY)


def test_another_key_is_refused() -> None:
    with pytest.raises(VerificationError):
        restore(encrypt(COLUMN, KEY), KEY[::-1])
