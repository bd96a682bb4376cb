"""Sigstore bundles, version 0.3: the JSON file in which a model signature travels (OMS v1.0, section 4)."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from secmlops.core.errors import InputError, VerificationError
from secmlops.core.json import Json
from secmlops.trust.canonical import canonical_json
from secmlops.trust.dsse import MAX_ENVELOPE_BYTES, Envelope, decode_base64
from secmlops.trust.keys import Algorithm, PublicKey
from secmlops.trust.statement import PAYLOAD_TYPE

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
MAX_BUNDLE_BYTES = 2 * MAX_ENVELOPE_BYTES


class Method(StrEnum):
    """How the signer is known: by a key, by a certificate and its chain, or by Sigstore's short-lived certificate."""

    KEY = "key"
    CERTIFICATE = "certificate"
    SIGSTORE = "sigstore"


class _PublicKeyJson(msgspec.Struct):
    hint: str | None = None
    rawBytes: str | None = None  # noqa: N815  # the standard's name


class _CertificateJson(msgspec.Struct):
    rawBytes: str  # noqa: N815  # the standard's name


class _ChainJson(msgspec.Struct):
    certificates: list[_CertificateJson]


class _MaterialJson(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    public_key: _PublicKeyJson | None = None
    x509_certificate_chain: _ChainJson | None = msgspec.field(name="x509CertificateChain", default=None)
    certificate: _CertificateJson | None = None
    tlog_entries: list[dict[str, Any]] = []
    timestamp_verification_data: dict[str, Any] | None = None


class _BundleJson(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    media_type: str
    verification_material: _MaterialJson
    dsse_envelope: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Bundle:
    """A parsed bundle; nothing of it is verified. ``hint`` and ``key`` say which key its maker claims to have used."""

    method: Method
    envelope: Envelope
    hint: str = ""
    key: PublicKey | None = None


def hint_of(key: PublicKey) -> str:
    """Name of a key in bundles: SHA-256, in hex, of its PEM text, as the reference implementation has it."""
    return hashlib.sha256(key.pem.encode()).hexdigest()


def write_bundle(envelope: Envelope, key: PublicKey) -> bytes:
    """Canonical JSON of a bundle of the method ``key``."""
    sealed: Json = msgspec.json.decode(envelope.to_json())
    return canonical_json(
        {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": {"publicKey": {"hint": hint_of(key)}, "tlogEntries": []},
            "dsseEnvelope": sealed,
        }
    )


def read_bundle(data: bytes) -> Bundle:
    """Read a bundle of any of the three methods; raises VerificationError for what the standard does not allow."""
    if len(data) > MAX_BUNDLE_BYTES:
        raise VerificationError(f"a bundle of {len(data)} bytes; at most {MAX_BUNDLE_BYTES} are read")
    try:
        read = msgspec.json.decode(data, type=_BundleJson)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise VerificationError(f"not a model signature bundle: {error}") from None
    if read.media_type != MEDIA_TYPE:
        raise VerificationError("a bundle of another media type", hint=f"this release reads {MEDIA_TYPE}")
    method = _method(read.verification_material)
    envelope = Envelope.from_json(bytes(read.dsse_envelope))
    if envelope.payload_type != PAYLOAD_TYPE or len(envelope.signatures) != 1 or not envelope.payload:
        raise VerificationError("a bundle holds an in-toto statement with exactly one signature")
    claimed = read.verification_material.public_key or _PublicKeyJson()
    return Bundle(method, envelope, claimed.hint or "", _enclosed_key(claimed.rawBytes))


def _method(material: _MaterialJson) -> Method:
    chain = material.x509_certificate_chain
    given = {
        Method.KEY: material.public_key is not None,
        Method.CERTIFICATE: chain is not None,
        Method.SIGSTORE: material.certificate is not None,
    }
    if sum(given.values()) != 1:
        raise VerificationError("a bundle names its signer in exactly one way: key, chain or certificate")
    method = next(m for m, there in given.items() if there)
    key = material.public_key
    if key is not None and key.hint is None and key.rawBytes is None:
        raise VerificationError("a bundle signed with a key has a hint at it, or the key")
    if chain is not None and not chain.certificates:
        raise VerificationError("a certificate chain without certificates")
    if method is Method.SIGSTORE and not material.tlog_entries:
        raise VerificationError("a Sigstore signature without an entry of the transparency log")
    return method


def _enclosed_key(raw: str | None) -> PublicKey | None:
    if raw is None:
        return None
    data = decode_base64(raw)
    try:
        key = PublicKey.from_pem(data) if data.startswith(b"-----") else PublicKey.from_der(data)
    except InputError as error:
        raise VerificationError(f"the key in the bundle: {error.what}") from None
    if key.algorithm is Algorithm.ED25519:
        raise VerificationError("the key in the bundle is not one that model signatures are made with")
    return key
