"""Encrypts each value so that whoever holds the key can restore it."""

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from secmlops.core.errors import VerificationError
from secmlops.data.arrow import Chunks
from secmlops.data.protection.each_value import OnTexts, map_texts, on_each

KEY_BYTES = 64
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def encrypt(column: Chunks, key: bytes) -> Chunks:
    """AES-SIV (RFC 5297, AES-256) of each value's text form under the 64-byte ``key``, in URL-safe base64 [n].

    The encryption is deterministic, which keeps tables small and results repeatable, and so it leaks equality: who
    sees the column learns which rows share a value and how often each occurs, and nothing else but its length. Where
    that is too much, drop the column.
    """
    return map_texts(column, encryption(key))


def encryption(key: bytes) -> OnTexts:
    """What ``encrypt`` does with the different texts of a column."""
    cipher = AESSIV(key)

    def encrypted(texts: list[bytes]) -> list[bytes]:
        sealed = [cipher.encrypt(text, None) for text in texts]
        return [binascii.b2a_base64(one, newline=False).translate(_URL_SAFE) for one in sealed]

    return encrypted


def restore(column: Chunks, key: bytes) -> Chunks:
    """Text forms that ``encrypt`` hid; raises VerificationError when a cell was not made with ``key``."""
    cipher = AESSIV(key)

    def plain(text: str) -> str:
        try:
            return cipher.decrypt(base64.b64decode(text, altchars=b"-_", validate=True), None).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise VerificationError("a cell was not encrypted with this key, or was changed") from None

    return map_texts(column, on_each(plain))
