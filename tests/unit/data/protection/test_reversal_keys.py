from pathlib import Path

import pytest

from kits.columns_world import PROJECT, Provider
from secmlops.core.errors import VerificationError
from secmlops.data.protection.reversal_keys import ReversalKeys
from secmlops.vault.vault import Vault

DOMAIN, OTHER = ("table", "loans.csv", "name"), ("joined", "person")


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.local(tmp_path, Provider(), PROJECT)


def test_a_domain_has_one_key_and_another_domain_another(vault: Vault) -> None:
    keys = ReversalKeys(vault)
    assert keys.held(DOMAIN) is None
    made = keys.key(DOMAIN)
    assert len(made) == 64
    assert ReversalKeys(vault).key(DOMAIN) == made == keys.held(DOMAIN)
    assert keys.key(OTHER) != made


def test_a_destroyed_key_does_not_come_back(vault: Vault) -> None:
    keys = ReversalKeys(vault)
    made, other = keys.key(DOMAIN), keys.key(OTHER)
    assert keys.destroy(DOMAIN)
    assert keys.held(DOMAIN) is None
    assert not keys.destroy(DOMAIN)
    assert keys.held(OTHER) == other
    assert keys.key(DOMAIN) != made


def test_nothing_of_a_key_lies_in_clear(vault: Vault, tmp_path: Path) -> None:
    made = ReversalKeys(vault).key(DOMAIN)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if made in path.read_bytes() or b"loans" in path.name.encode()]


def test_a_key_of_another_length_is_refused(vault: Vault) -> None:
    keys = ReversalKeys(vault)
    keys.key(DOMAIN)
    (kind,) = [address.kind for address in vault.list()]
    keys.destroy(DOMAIN)
    vault.put(b"short", kind)
    with pytest.raises(VerificationError, match="another length"):
        keys.key(DOMAIN)
