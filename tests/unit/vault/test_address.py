import json

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.vault.address import Address
from secmlops.vault.storage import is_name

DIGEST = Digest.of(b"x")


def test_names_are_parsed_back() -> None:
    address = Address("feature_view", DIGEST)
    assert address.name == f"feature_view/{DIGEST.hex}"
    assert is_name(address.name)
    assert Address.parse(address.name) == address
    assert str(address) == f"feature_view {DIGEST}"


@pytest.mark.parametrize("kind", ["", "Model", "a/b", "..", "1a", "a" * 65, "modèle", "model\n"])
def test_kinds_that_are_refused(kind: str) -> None:
    with pytest.raises(InputError, match="not a kind"):
        Address(kind, DIGEST)


@pytest.mark.parametrize("name", ["model", "model/", "model/ab", f"model/{DIGEST.hex}/x", f"Model/{DIGEST.hex}"])
def test_names_that_are_no_address(name: str) -> None:
    with pytest.raises(InputError):
        Address.parse(name)


def test_context_says_everything_it_binds() -> None:
    context = json.loads(Address("model", DIGEST).context("credit", b"\x01" * 16, "object"))
    assert context == {
        "data_key": "01" * 16,
        "digest": str(DIGEST),
        "format": "secmlops.vault/1",
        "kind": "model",
        "project": "credit",
        "purpose": "object",
    }


def test_any_difference_is_another_context() -> None:
    one, key_id = Address("model", DIGEST), b"\x01" * 16
    contexts = {
        one.context("credit", key_id, "object"),
        one.context("credit", key_id, "data key"),
        one.context("fraud", key_id, "object"),
        one.context("credit", b"\x02" * 16, "object"),
        Address("dataset", DIGEST).context("credit", key_id, "object"),
        Address("model", Digest.of(b"y")).context("credit", key_id, "object"),
    }
    assert len(contexts) == 6
