"""Replaces each value by a pseudonym that a key of its own reverses: whoever has the project's key alone cannot."""

import base64
import binascii
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from secmlops.core.errors import VerificationError
from secmlops.data.arrow import Chunks
from secmlops.data.protection.base32 import base32
from secmlops.data.protection.each_value import OnTexts, map_texts

KEY_BYTES = 64


def pseudonymise_reversibly(column: Chunks, key: bytes) -> Chunks:
    """AES-SIV (RFC 5297, AES-256) of each value's text form under the 64-byte ``key``, in lower-case base32 [n].

    Deterministic: equal values get equal pseudonyms, missing ones stay missing; a pseudonym tells how long its value
    is. Without the key nobody can reverse it, nor try values.
    """
    return map_texts(column, reversible_pseudonyms(key))


def reversible_pseudonyms(key: bytes) -> OnTexts:
    """What ``pseudonymise_reversibly`` does with the different texts of a column."""
    cipher = AESSIV(key)
    return lambda texts: base32([cipher.encrypt(text, None) for text in texts])


def revealed(pseudonyms: Iterable[str], key: bytes) -> tuple[str, ...]:
    """Values behind the pseudonyms; raises VerificationError for one that was not made with ``key``, or was changed."""
    cipher = AESSIV(key)
    return tuple(_value(pseudonym, cipher) for pseudonym in pseudonyms)


def _value(pseudonym: str, cipher: AESSIV) -> str:
    text = pseudonym.strip()
    try:
        sealed = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
        if base32([sealed]) == [text.encode()]:
            return cipher.decrypt(sealed, None).decode()
    except (InvalidTag, binascii.Error, ValueError):
        pass
    hint = "copy it whole; pseudonyms of other columns, and those made before a key was destroyed, have other keys"
    raise VerificationError("no pseudonym of this column", hint=hint)
