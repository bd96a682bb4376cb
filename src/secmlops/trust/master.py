"""The root secret of a key folder: 32 random bytes, kept as they are or under a passphrase (Argon2id, RFC 9106)."""

import hashlib
import hmac
import os
import unicodedata

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from secmlops.core.errors import InputError, VerificationError
from secmlops.trust.dsse import decode_base64, encode_base64
from secmlops.trust.passphrase import refuse_short
from secmlops.trust.sealing import KEY_BYTES, seal, unseal

_CONTEXT = b"secmlops root secret v1"
# The second recommended option of RFC 9106, section 4: 3 passes, 4 lanes, 64 MiB.
_ITERATIONS, _LANES, _MEMORY_KIB, _SALT_BYTES = 3, 4, 64 * 1024, 16


class _PlainJson(msgspec.Struct, forbid_unknown_fields=True, tag="file", tag_field="protection"):
    secret: str


class _SealedJson(msgspec.Struct, forbid_unknown_fields=True, tag="argon2id-v1", tag_field="protection"):
    salt: str
    sealed: str


def new_master_file(passphrase: str | None) -> bytes:
    """Bytes of a master file with a new root secret, under ``passphrase`` if one is given.

    Raises InputError for an empty or short passphrase, and where this build of OpenSSL has no Argon2id.
    """
    root = os.urandom(KEY_BYTES)
    held: _PlainJson | _SealedJson
    if passphrase is None:
        held = _PlainJson(encode_base64(root))
    else:
        if passphrase:
            refuse_short(passphrase)
        salt = os.urandom(_SALT_BYTES)
        sealed = seal(_passphrase_key(passphrase, salt), root, _CONTEXT + salt)
        held = _SealedJson(encode_base64(salt), encode_base64(sealed))
    body = msgspec.json.encode(held)
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def open_master_file(data: bytes, passphrase: str | None, where: str) -> bytes:
    """Return the root secret, 32 bytes.

    Raises InputError for a wrong, missing or needless passphrase, and VerificationError for a damaged file. The digest
    in its first line only tells the two apart: what an attacker changes, the cipher refuses.
    """
    held = _parse(data, where)
    if isinstance(held, _PlainJson):
        if passphrase is not None:
            hint = "give none, or make new keys with a passphrase"
            raise InputError("these keys are not protected by a passphrase", where=where, hint=hint)
        return _root(decode_base64(held.secret), where)
    if passphrase is None:
        raise InputError("these keys are protected by a passphrase, and none was given", where=where)
    salt = decode_base64(held.salt)
    key = _passphrase_key(passphrase, salt)
    try:
        return _root(unseal(key, decode_base64(held.sealed), _CONTEXT + salt), where)
    except VerificationError:
        raise InputError("the passphrase is wrong", where=where) from None


def _parse(data: bytes, where: str) -> _PlainJson | _SealedJson:
    claimed, _, body = data.partition(b"\n")
    if not hmac.compare_digest(claimed, hashlib.sha256(body).hexdigest().encode()):
        raise VerificationError("the file is damaged", where=where, hint="put back a copy of it")
    try:
        return msgspec.json.decode(body, type=_PlainJson | _SealedJson)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise VerificationError("not a master key file of this release", where=where) from None


def _root(root: bytes, where: str) -> bytes:
    if len(root) != KEY_BYTES:
        raise VerificationError(f"the root secret has {len(root)} bytes, not {KEY_BYTES}", where=where)
    return root


def _passphrase_key(passphrase: str, salt: bytes) -> bytes:
    if not passphrase:
        raise InputError("the passphrase is empty")
    text = unicodedata.normalize("NFC", passphrase).encode(errors="surrogatepass")
    try:
        kdf = Argon2id(salt=salt, length=KEY_BYTES, iterations=_ITERATIONS, lanes=_LANES, memory_cost=_MEMORY_KIB)
    except UnsupportedAlgorithm:
        hint = "use OpenSSL 3.2 or later, or keys without a passphrase on an encrypted disk"
        raise InputError("this build of OpenSSL has no Argon2id", hint=hint) from None
    except ValueError:
        raise VerificationError("the salt of the passphrase is too short") from None
    return kdf.derive(text)
