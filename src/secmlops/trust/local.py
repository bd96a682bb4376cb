"""Keys in a folder of one machine: the key provider that needs no network and no server."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Self

from secmlops.core.clock import Clock
from secmlops.core.errors import InputError, VerificationError
from secmlops.trust.key_index import KeyEncryptionKey, KeyIndex
from secmlops.trust.key_store import KeyStore
from secmlops.trust.keys import Algorithm, PrivateKey, PublicKey
from secmlops.trust.private_files import PrivateFolder
from secmlops.trust.provider import KEY_ENCRYPTION, KeyDescription
from secmlops.trust.roles import KeyRing, RingKey, Role
from secmlops.trust.sealing import KEY_BYTES, derived_key, seal, unseal

ALGORITHMS: Mapping[Role, Algorithm] = MappingProxyType(
    {role: Algorithm.ECDSA_P256 if role is Role.MODEL else Algorithm.ED25519 for role in Role}
)
_WRAP_VERSION = b"\x01"
_ID_BYTES = 16
_HEADER_BYTES = len(_WRAP_VERSION) + _ID_BYTES


class LocalKeys:
    """The keys in ``folder``, which other processes may use and rotate at the same time.

    Raises InputError when the folder holds no keys, is open to other users, or the passphrase does not fit, and
    VerificationError when a file in it was changed.
    """

    def __init__(self, folder: Path, passphrase: str | None = None) -> None:
        self._store = KeyStore.open(PrivateFolder(folder), passphrase)
        self._protection = "key file" if passphrase is None else "passphrase (Argon2id)"
        self._secrets: dict[str, bytes] = {}
        self._store.index()

    @classmethod
    def create(cls, folder: Path, clock: Clock, passphrase: str | None = None) -> Self:
        """Make whatever is missing of the keys in ``folder``, and open them.

        Called again, by two processes at once, or after one was killed half way, it gives one and the same set of keys.
        """
        files = PrivateFolder(folder)
        files.make()
        with files.locked():
            if not KeyStore.is_complete(files):
                _begin(KeyStore.begin(files, passphrase), clock())
        return cls(folder, passphrase)

    def signer(self, role: Role) -> PrivateKey:
        """Newest key of ``role`` that is current and kept here; raises InputError when there is none."""
        entries = [e for e in self._store.index().ring.entries if _is_current(e, role)]
        for entry in sorted(entries, key=lambda e: e.since, reverse=True):
            secret = self._secret(entry.key.key_id, role)
            if secret is not None:
                return PrivateKey.from_pkcs8(secret)
        raise InputError(f"no private key for the role {role} is kept here", hint="rotate the role's key")

    def ring(self) -> KeyRing:
        """Public keys that are or were trusted, as the folder has them now."""
        return self._store.index().ring

    def wrap(self, data_key: bytes, context: bytes) -> bytes:
        """Encrypt ``data_key`` with AES-256-GCM: version (1 byte), key id (16), nonce (12), ciphertext, tag (16)."""
        key_id = self._store.index().key_encryption[-1].id
        header = _WRAP_VERSION + bytes.fromhex(key_id)
        return header + seal(self._key_encryption_key(key_id), data_key, header + context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Return the data key; raises VerificationError for changed bytes, another context or an unknown key."""
        header, sealed = wrapped[:_HEADER_BYTES], wrapped[_HEADER_BYTES:]
        key_id = header[len(_WRAP_VERSION) :].hex()
        if not header.startswith(_WRAP_VERSION) or all(k.id != key_id for k in self._store.index().key_encryption):
            raise VerificationError("a data key wrapped in another format, or by a key that is not kept here")
        return unseal(self._key_encryption_key(key_id), sealed, header + context, "wrapped data key")

    def mac_key(self, purpose: str) -> bytes:
        """Return 32 bytes for ``purpose``, derived from the root secret with HKDF-SHA256."""
        return derived_key(self._store.root, "mac", purpose)

    def rotate(self, role: Role | None, at: datetime) -> None:
        """Begin a new key for ``role``, or a new key-encryption key for None; InputError for a moment in its past."""
        with self._store.files.locked():
            index = self._store.index()
            if role is None:
                key_id = _keep_key_encryption_key(self._store)
                self._store.commit(index.with_key_encryption_key(key_id, at))
            else:
                ring = index.ring.closing(role, at).with_key(_keep_signing_key(self._store, role), role, at)
                self._store.commit(replace(index, ring=ring))

    def enrol(self, key: PublicKey, role: Role, at: datetime) -> None:
        """Trust a key whose private half is kept elsewhere; raises InputError when it is in the ring already."""
        with self._store.files.locked():
            index = self._store.index()
            self._store.commit(replace(index, ring=index.ring.with_key(key, role, at)))

    def revoke(self, key_id: str) -> None:
        """Let a key count for nothing from now on, whenever it signed; raises InputError for one not in the ring."""
        with self._store.files.locked():
            index = self._store.index()
            self._store.commit(replace(index, ring=index.ring.revoking(key_id)))

    def describe(self) -> tuple[KeyDescription, ...]:
        """Every key: the signing keys in the order of the ring, then the key-encryption keys from the oldest."""
        index = self._store.index()
        signing = (
            KeyDescription(
                e.role, e.key.key_id, e.key.algorithm, e.since, e.until, *self._place(e.key.key_id), e.revoked
            )
            for e in index.ring.entries
        )
        wrapping = (
            KeyDescription(KEY_ENCRYPTION, k.id, "aes-256-gcm", k.since, k.until, *self._place(k.id))
            for k in index.key_encryption
        )
        return (*signing, *wrapping)

    def _place(self, key_id: str) -> tuple[str, str]:
        path = self._store.files.path / self._store.name(key_id)
        return (str(path), self._protection) if path.is_file() else ("elsewhere", "not known here")

    def _key_encryption_key(self, key_id: str) -> bytes:
        secret = self._secret(key_id, KEY_ENCRYPTION)
        if secret is None:
            where = str(self._store.files.path / self._store.name(key_id))
            raise VerificationError("a key-encryption key is gone", where=where, hint="put back a copy of the file")
        return secret

    def _secret(self, key_id: str, use: str) -> bytes | None:
        if key_id not in self._secrets:
            secret = self._store.fetch(key_id, use)
            if secret is None:
                return None
            self._secrets[key_id] = secret
        return self._secrets[key_id]


def _begin(store: KeyStore, at: datetime) -> None:
    entries = tuple(RingKey(_keep_signing_key(store, role), role, at) for role in Role)
    store.commit(KeyIndex(KeyRing(entries), (KeyEncryptionKey(_keep_key_encryption_key(store), at),)))


def _keep_signing_key(store: KeyStore, role: Role) -> PublicKey:
    key = PrivateKey.generate(ALGORITHMS[role])
    store.keep(key.key_id, role, key.to_pkcs8())
    return key.public


def _keep_key_encryption_key(store: KeyStore) -> str:
    key_id = os.urandom(_ID_BYTES).hex()
    store.keep(key_id, KEY_ENCRYPTION, os.urandom(KEY_BYTES))
    return key_id


def _is_current(entry: RingKey, role: Role) -> bool:
    return entry.role is role and entry.until is None and not entry.revoked
