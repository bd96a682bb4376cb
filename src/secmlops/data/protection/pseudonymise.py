"""Replaces each value by a pseudonym that only the key can connect with it."""

import hmac
from typing import Final

import numpy as np
import pyarrow as pa

from secmlops.data.arrow import Chunks, Values
from secmlops.data.values import text_form

PSEUDONYM_BYTES: Final = 16
_ALPHABET: Final = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", np.uint8)
_CHARACTERS: Final = 26


def pseudonymise(column: Chunks, key: bytes) -> Chunks:
    """HMAC-SHA-256 (RFC 2104) of each value's text form under ``key``, cut to 128 bits, in lower-case base32 [n].

    Equal values get equal pseudonyms, missing ones stay missing. Whoever has the key can try values; nobody else can
    (GDPR article 4(5)).
    """
    coded = text_form(column).combine_chunks().dictionary_encode()
    codes = [hmac.digest(key, str(text).encode(), "sha256")[:PSEUDONYM_BYTES] for text in coded.dictionary.to_pylist()]
    return pa.chunked_array([_in_base32(codes).take(coded.indices)])


def _in_base32(codes: list[bytes]) -> Values:
    """Codes of 16 bytes as texts of 26 characters: base32 (RFC 4648, section 6) without padding, all at once."""
    bits = np.unpackbits(np.frombuffer(b"".join(codes), np.uint8).reshape(-1, PSEUDONYM_BYTES), axis=1)
    padded = np.pad(bits, ((0, 0), (0, 5 * _CHARACTERS - bits.shape[1])))
    places = np.packbits(padded.reshape(-1, 5), axis=1).ravel() >> 3
    letters = _ALPHABET[places]
    ends = np.arange(0, len(letters) + 1, _CHARACTERS, dtype=np.int32)
    return pa.StringArray.from_buffers(len(codes), pa.py_buffer(ends.tobytes()), pa.py_buffer(letters.tobytes()))
