from typing import Any

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.vault.address import Address
from secmlops.vault.data_key import DataKey

HERE = Address("model", Digest.of(b"x"))


def test_a_record_opens_again(ring: Any) -> None:
    data_key = DataKey.generate()
    record = data_key.to_record(ring, "credit", HERE)
    assert record[:16] == data_key.id
    assert data_key.key not in record
    assert DataKey.from_record(record, ring, "credit", HERE) == data_key


def test_keys_and_ids_are_fresh() -> None:
    made = [DataKey.generate() for _ in range(8)]
    assert len({k.key for k in made}) == len({k.id for k in made}) == 8
    assert all(len(k.key) == 32 and len(k.id) == 16 for k in made)


def test_the_key_is_not_shown() -> None:
    data_key = DataKey(bytes(16), b"secretsecretsecretsecretsecretse")
    assert "secret" not in repr(data_key)


@pytest.mark.parametrize(
    ("project", "address"),
    [("fraud", HERE), ("credit", Address("dataset", HERE.digest)), ("credit", Address("model", Digest.of(b"y")))],
)
def test_a_record_opens_nowhere_else(ring: Any, project: str, address: Address) -> None:
    record = DataKey.generate().to_record(ring, "credit", HERE)
    with pytest.raises(VerificationError, match="does not open") as refused:
        DataKey.from_record(record, ring, project, address)
    assert refused.value.where == str(address)


def test_every_flip_and_every_cut_of_a_record_is_refused(ring: Any) -> None:
    record = DataKey.generate().to_record(ring, "credit", HERE)
    for i in range(len(record)):
        for damaged in (record[:i], record[:i] + bytes([record[i] ^ 1]) + record[i + 1 :]):
            with pytest.raises(VerificationError):
                DataKey.from_record(damaged, ring, "credit", HERE)


def test_a_record_that_is_too_long_is_refused_before_it_is_unwrapped(ring: Any) -> None:
    with pytest.raises(VerificationError, match="damaged"):
        DataKey.from_record(bytes(64 * 1024 + 1), ring, "credit", HERE)
    assert ring.unwrapped == 0


def test_a_data_key_of_another_size_is_refused(ring: Any) -> None:
    record = DataKey(bytes(16), b"only sixteen byt").to_record(ring, "credit", HERE)
    with pytest.raises(VerificationError, match="16 bytes, not 32"):
        DataKey.from_record(record, ring, "credit", HERE)
