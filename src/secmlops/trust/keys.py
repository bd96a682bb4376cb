"""Signing keys: Ed25519 (RFC 8032) and ECDSA on the NIST curves (FIPS 186-5), each with one fixed hash."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol, Self, TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
    load_pem_public_key,
)

from secmlops.core.errors import InputError, VerificationError

_Public: TypeAlias = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey
_Private: TypeAlias = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey

MAX_KEY_BYTES = 16 * 1024


class Algorithm(StrEnum):
    """The signature algorithms. The hash of ECDSA is the one of the curve's strength: SHA-256, SHA-384, SHA-512."""

    ED25519 = "ed25519"
    ECDSA_P256 = "ecdsa-p256"
    ECDSA_P384 = "ecdsa-p384"
    ECDSA_P521 = "ecdsa-p521"


_CURVES: Mapping[Algorithm, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = MappingProxyType(
    {
        Algorithm.ECDSA_P256: (ec.SECP256R1(), hashes.SHA256()),
        Algorithm.ECDSA_P384: (ec.SECP384R1(), hashes.SHA384()),
        Algorithm.ECDSA_P521: (ec.SECP521R1(), hashes.SHA512()),
    }
)
_OF_CURVE: Mapping[str, Algorithm] = MappingProxyType({curve.name: a for a, (curve, _) in _CURVES.items()})


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key. Two are equal when their SubjectPublicKeyInfo (RFC 5280, section 4.1) has the same bytes.

    ``der`` is that SubjectPublicKeyInfo, ``key_id`` its SHA-256 in lower-case hex.
    """

    algorithm: Algorithm
    der: bytes = field(repr=False)
    key_id: str = field(compare=False)
    _key: _Public = field(repr=False, compare=False)

    @classmethod
    def from_pem(cls, pem: bytes | str) -> Self:
        """Read a PEM SubjectPublicKeyInfo; raises InputError for anything else."""
        data = pem.encode() if isinstance(pem, str) else pem
        return cls._load(data, load_pem_public_key)

    @classmethod
    def from_der(cls, der: bytes) -> Self:
        """Read a DER SubjectPublicKeyInfo; raises InputError for anything else."""
        return cls._load(der, load_der_public_key)

    @classmethod
    def from_raw_ed25519(cls, raw: bytes) -> Self:
        """Read the 32 bytes of an Ed25519 public key; raises InputError for another length."""
        try:
            return cls._of(ed25519.Ed25519PublicKey.from_public_bytes(raw))
        except ValueError:
            raise InputError(f"an Ed25519 public key has 32 bytes, not {len(raw)}") from None

    @classmethod
    def _load(cls, data: bytes, loader: "_PublicLoader") -> Self:
        if len(data) > MAX_KEY_BYTES:
            raise InputError(f"a public key of {len(data)} bytes", hint=f"at most {MAX_KEY_BYTES} bytes are read")
        try:
            return cls._of(loader(data))
        except (ValueError, UnsupportedAlgorithm):
            raise InputError("not a public key", hint="give a PEM file that begins with BEGIN PUBLIC KEY") from None

    @classmethod
    def _of(cls, key: object) -> Self:
        algorithm, known = _recognised(key)
        der = known.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return cls(algorithm, der, hashlib.sha256(der).hexdigest(), known)

    @property
    def pem(self) -> str:
        """The key as PEM text (RFC 7468)."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")

    @property
    def raw_ed25519(self) -> bytes:
        """The 32 bytes of an Ed25519 key; raises InputError for a key of another algorithm."""
        if self.algorithm is not Algorithm.ED25519:
            raise InputError(f"an Ed25519 key is needed, not {self.algorithm}", where=f"key {self.key_id[:12]}")
        return self._key.public_bytes(Encoding.Raw, PublicFormat.Raw)

    def verify(self, signature: bytes, data: bytes) -> None:
        """Return if ``signature`` of ``data`` was made with this key; raises VerificationError otherwise.

        Ed25519 signatures have 64 bytes, ECDSA ones are DER (RFC 3279, section 2.2.3).
        """
        try:
            if isinstance(self._key, ed25519.Ed25519PublicKey):
                self._key.verify(signature, data)
            else:
                self._key.verify(signature, data, ec.ECDSA(_CURVES[self.algorithm][1]))
        except InvalidSignature:
            raise VerificationError("the signature does not hold", where=f"key {self.key_id[:12]}") from None


class _PublicLoader(Protocol):
    def __call__(self, data: bytes, /) -> object: ...


class Signer(Protocol):
    """Whatever can sign: a private key in memory, or one that never leaves its hardware."""

    @property
    def key_id(self) -> str:
        """Lower-case hex SHA-256 of the public key's SubjectPublicKeyInfo DER."""
        ...

    @property
    def public(self) -> PublicKey:
        """The key that verifies what this one signs."""
        ...

    def sign(self, data: bytes, /) -> bytes:
        """Signature of ``data``, in the form that ``PublicKey.verify`` takes."""
        ...


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class PrivateKey:
    """A private key in memory. It is compared by identity and never printed."""

    public: PublicKey
    _key: _Private

    @classmethod
    def generate(cls, algorithm: Algorithm) -> Self:
        """Make a new key from the operating system's randomness."""
        if algorithm is Algorithm.ED25519:
            return cls._of(ed25519.Ed25519PrivateKey.generate())
        return cls._of(ec.generate_private_key(_CURVES[algorithm][0]))

    @classmethod
    def from_pkcs8(cls, der: bytes) -> Self:
        """Read an unencrypted PKCS #8 key (RFC 5958); raises InputError for anything else."""
        try:
            key = load_der_private_key(der, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise InputError("not a private key") from None
        if not isinstance(key, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
            raise InputError("a private key of an algorithm that is not used here", hint=", ".join(Algorithm))
        return cls._of(key)

    @classmethod
    def _of(cls, key: _Private) -> Self:
        return cls(PublicKey._of(key.public_key()), key)  # noqa: SLF001  # the two halves of one concept

    @property
    def key_id(self) -> str:
        """The id of the public key."""
        return self.public.key_id

    def to_pkcs8(self) -> bytes:
        """Return the unencrypted PKCS #8 bytes, for a store that encrypts them."""
        return self._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def sign(self, data: bytes, /) -> bytes:
        """Signature of ``data``: 64 bytes for Ed25519, DER for ECDSA."""
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            return self._key.sign(data)
        return self._key.sign(data, ec.ECDSA(_CURVES[self.public.algorithm][1]))


def _recognised(key: object) -> tuple[Algorithm, _Public]:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return Algorithm.ED25519, key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _OF_CURVE:
        return _OF_CURVE[key.curve.name], key
    raise InputError("a public key of an algorithm that is not used here", hint=f"one of {', '.join(Algorithm)}")
