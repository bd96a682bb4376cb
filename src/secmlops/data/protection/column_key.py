"""Derives a key for one purpose and one column from the project's key, so that nothing is comparable by accident."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from secmlops.core.errors import InputError
from secmlops.trust.canonical import canonical_json

MINIMUM_KEY_BYTES = 32


def column_key(key: bytes, purpose: str, domain: tuple[str, ...], length: int) -> bytes:
    """Key of ``length`` bytes by HKDF-SHA-256 (RFC 5869), bound to ``purpose`` and to ``domain``, a table and a column.

    Raises InputError when ``key`` has fewer than 32 bytes.
    """
    if len(key) < MINIMUM_KEY_BYTES:
        raise InputError(
            f"a key of {len(key)} bytes", hint=f"protection needs at least {MINIMUM_KEY_BYTES} random bytes"
        )
    info = canonical_json({"purpose": f"secmlops.protect.{purpose}.v1", "domain": list(domain)})
    return HKDF(SHA256(), length, salt=None, info=info).derive(key)
