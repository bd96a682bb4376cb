"""The key schedule of C2SP chunked-encryption v1, and how one chunk is sealed and opened under it.

Reference: https://c2sp.org/chunked-encryption, instantiated with HKDF-Expand over SHA-256 (RFC 5869) and AES-256-GCM
(NIST SP 800-38D; ``AEAD_AES_256_GCM`` of RFC 5116).
"""

import os
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from secmlops.core.errors import InputError, VerificationError

KEY_SIZE: Final = 32
NONCE_SIZE: Final = 12
SALT_SIZE: Final = 24
COMMITMENT_SIZE: Final = 32
HEADER_SIZE: Final = SALT_SIZE + COMMITMENT_SIZE
CHUNK_SIZE: Final = 16 * 1024
TAG_SIZE: Final = 16
SEALED_CHUNK_SIZE: Final = CHUNK_SIZE + TAG_SIZE
MAX_CHUNKS = 2**38
"""A message has at most this many chunks (4 PiB), so that the wear-out limit of AES is never reached."""

HASH: hashes.HashAlgorithm = hashes.SHA256()
"""The hash of HKDF-Expand. Changing it changes the format: objects sealed under another hash no longer open."""

_INFO = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"
_IN_PLACE = hasattr(AESGCM, "encrypt_into")  # older releases of the package only return new bytes


def new_key() -> bytes:
    """Return 32 fresh random bytes from the operating system: an input key for one or more messages."""
    return os.urandom(KEY_SIZE)


@dataclass(frozen=True, slots=True)
class MessageKey:
    """What one message is sealed with: an AES-256-GCM key, a base nonce, and the commitment to both."""

    commitment: bytes
    _aead: AESGCM = field(repr=False)
    _base_nonce: int = field(repr=False)

    @classmethod
    def derive(cls, key: bytes, context: bytes, salt: bytes) -> Self:
        """Derive from the input key (32 bytes), the salt (24 bytes, never twice with one key) and any ``context``.

        Raises InputError for a key or a salt of another length.
        """
        if len(key) != KEY_SIZE:
            raise InputError(f"an input key has {KEY_SIZE} bytes, this one has {len(key)}")
        if len(salt) != SALT_SIZE:
            raise InputError(f"a salt has {SALT_SIZE} bytes, this one has {len(salt)}")
        length = KEY_SIZE + NONCE_SIZE + COMMITMENT_SIZE
        derived = HKDFExpand(HASH, length, _INFO + salt + context).derive(key)
        nonce = derived[KEY_SIZE : KEY_SIZE + NONCE_SIZE]
        return cls(derived[KEY_SIZE + NONCE_SIZE :], AESGCM(derived[:KEY_SIZE]), int.from_bytes(nonce, "big"))

    def seal(self, number: int, plain: memoryview, sealed: memoryview) -> None:
        """Seal chunk ``number`` into ``sealed``, which is 16 bytes longer; raises InputError past the last number."""
        if number >= MAX_CHUNKS:
            raise InputError("the message is longer than 4 PiB", hint="split it")
        nonce = (self._base_nonce ^ number).to_bytes(NONCE_SIZE, "big")
        if _IN_PLACE:
            self._aead.encrypt_into(nonce, plain, None, sealed)
        else:
            sealed[:] = self._aead.encrypt(nonce, plain, None)

    def open(self, number: int, sealed: memoryview, plain: memoryview) -> None:
        """Open chunk ``number`` into ``plain``, which is 16 bytes shorter.

        Raises VerificationError, and leaves zeros in ``plain``, when this is not chunk ``number`` of this message.
        """
        if number >= MAX_CHUNKS:
            raise VerificationError("the message claims to be longer than 4 PiB")
        nonce = (self._base_nonce ^ number).to_bytes(NONCE_SIZE, "big")
        try:
            if _IN_PLACE:
                self._aead.decrypt_into(nonce, sealed, None, plain)
            else:
                plain[:] = self._aead.decrypt(nonce, sealed, None)
        except InvalidTag:
            plain[:] = bytes(len(plain))
            raise VerificationError(
                f"chunk {number} is not what was sealed",
                hint="it was altered, cut off, moved, or belongs to another object; restore it from a backup",
            ) from None
