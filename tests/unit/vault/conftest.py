"""A key wrapper with real keys in memory, and a vault in a temporary folder."""

import os
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from secmlops.core.errors import VerificationError
from secmlops.vault.vault import Vault


class KeyRing:
    """Wraps with AES-256-GCM under the newest of its key-encryption keys, unwraps with any of them."""

    def __init__(self) -> None:
        self.keys = [AESGCM.generate_key(256)]
        self.unwrapped = 0

    def rotate(self) -> None:
        self.keys.append(AESGCM.generate_key(256))

    def forget_old(self) -> None:
        del self.keys[:-1]

    def wrap(self, data_key: bytes, context: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + AESGCM(self.keys[-1]).encrypt(nonce, data_key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        self.unwrapped += 1
        for key in self.keys:
            try:
                return AESGCM(key).decrypt(wrapped[:12], wrapped[12:], context)
            except (InvalidTag, ValueError):
                continue
        raise VerificationError("the wrapped key does not open")


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing()


@pytest.fixture
def vault(tmp_path: Path, ring: KeyRing) -> Vault:
    return Vault.local(tmp_path, ring, "credit")
