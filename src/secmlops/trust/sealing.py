"""Secrets at rest: AES-256-GCM (NIST SP 800-38D) under keys derived from one root secret (HKDF-SHA256, RFC 5869)."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from secmlops.core.errors import VerificationError

KEY_BYTES = 32
_NONCE_BYTES = 12


def derived_key(root: bytes, *purpose: str) -> bytes:
    """Return 32 bytes from the uniform 32-byte ``root``; other purposes give independent bytes.

    The parts of ``purpose`` are joined by NUL, so that no two lists of parts run into the same info.
    """
    info = "\0".join(("secmlops", *purpose)).encode()
    return HKDFExpand(algorithm=SHA256(), length=KEY_BYTES, info=info).derive(root)


def seal(key: bytes, secret: bytes, context: bytes) -> bytes:
    """Encrypt ``secret``, bound to ``context``: nonce (12 random bytes), ciphertext, tag (16)."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret, context)


def unseal(key: bytes, sealed: bytes, context: bytes, where: str = "") -> bytes:
    """Return the secret; raises VerificationError for changed bytes, another key or another context."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except (InvalidTag, ValueError):
        raise VerificationError("changed, cut, or made for another use or place", where=where) from None
