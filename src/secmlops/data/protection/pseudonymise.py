"""Replaces each value by a pseudonym that only the key can connect with it."""

import base64
import hmac

from secmlops.data.arrow import Chunks
from secmlops.data.protection.each_value import map_values

PSEUDONYM_BYTES = 16


def pseudonymise(column: Chunks, key: bytes) -> Chunks:
    """HMAC-SHA-256 (RFC 2104) of each value's text form under ``key``, cut to 128 bits, in lower-case base32 [n].

    Equal values get equal pseudonyms, missing ones stay missing. Whoever has the key can try values; nobody else can
    (GDPR article 4(5)).
    """

    def pseudonym(text: str) -> str:
        code = hmac.digest(key, text.encode(), "sha256")[:PSEUDONYM_BYTES]
        return base64.b32encode(code).decode().rstrip("=").lower()

    return map_values(column, pseudonym)
