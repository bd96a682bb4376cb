"""Replaces each value by a pseudonym that only the key can connect with it."""

from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from secmlops.data.arrow import Chunks
from secmlops.data.protection.base32 import base32
from secmlops.data.protection.each_value import OnTexts, map_texts

PSEUDONYM_BYTES: Final = 16


def pseudonymise(column: Chunks, key: bytes) -> Chunks:
    """HMAC-SHA-256 (RFC 2104) of each value's text form under ``key``, cut to 128 bits, in lower-case base32 [n].

    Equal values get equal pseudonyms, missing ones stay missing. Whoever has the key can try values; nobody else can
    (GDPR article 4(5)).
    """
    return map_texts(column, pseudonyms(key))


def pseudonyms(key: bytes) -> OnTexts:
    """What ``pseudonymise`` does with the different texts of a column."""
    begun = HMAC(key, SHA256())  # the key is taken in once

    def code(text: bytes) -> bytes:
        mac = begun.copy()
        mac.update(text)
        return mac.finalize()[:PSEUDONYM_BYTES]

    return lambda texts: base32([code(text) for text in texts])
