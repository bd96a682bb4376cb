"""Signed envelopes: DSSE 1.0 (Dead Simple Signing Envelope, protocol.md and envelope.md of secure-systems-lab/dsse)."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import msgspec

from secmlops.core.errors import InputError, VerificationError
from secmlops.trust.canonical import canonical_json
from secmlops.trust.keys import PublicKey, Signer

MAX_ENVELOPE_BYTES = 32 * 1024 * 1024
MAX_SIGNATURES = 64
_URL_SAFE_TO_STANDARD = str.maketrans("-_", "+/")


class _SignatureJson(msgspec.Struct):
    sig: str
    keyid: str | None = None


class _EnvelopeJson(msgspec.Struct):
    payload: str
    payloadType: str  # noqa: N815  # the standard's name
    signatures: list[_SignatureJson]


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature and a hint at the key that made it. The hint is not signed: nothing may be decided by it."""

    sig: bytes
    key_id: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload, its type and signatures over both. Until ``verify`` has returned, nothing in it is to be believed."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    def to_json(self) -> bytes:
        """Canonical JSON of the envelope, with standard base64; an empty key hint is left out."""
        signatures = [
            {"sig": encode_base64(s.sig)} | ({"keyid": s.key_id} if s.key_id else {}) for s in self.signatures
        ]
        return canonical_json(
            {"payload": encode_base64(self.payload), "payloadType": self.payload_type, "signatures": signatures}
        )

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read an envelope; raises VerificationError for bytes that are none, or go beyond the bounds.

        Either base64 alphabet is accepted, and fields that the standard does not know are ignored, as it demands.
        """
        if len(data) > MAX_ENVELOPE_BYTES:
            raise VerificationError(f"an envelope of {len(data)} bytes; at most {MAX_ENVELOPE_BYTES} are read")
        try:
            read = msgspec.json.decode(data, type=_EnvelopeJson)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise VerificationError(f"not a DSSE envelope: {error}") from None
        if not 1 <= len(read.signatures) <= MAX_SIGNATURES:
            raise VerificationError(f"an envelope with {len(read.signatures)} signatures, not 1 to {MAX_SIGNATURES}")
        signatures = tuple(Signature(decode_base64(s.sig), s.keyid or "") for s in read.signatures)
        return cls(read.payloadType, decode_base64(read.payload), signatures)


def encode_base64(data: bytes) -> str:
    """Text of ``data`` in the standard alphabet, padded (RFC 4648, section 4)."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Bytes of padded base64 in either alphabet (RFC 4648, sections 4 and 5); raises VerificationError otherwise.

    A text with stray bits, spaces or missing padding is refused: one sequence of bytes has one text per alphabet.
    """
    standard = text.translate(_URL_SAFE_TO_STANDARD)
    try:
        data = base64.b64decode(standard, validate=True)
    except (binascii.Error, ValueError):
        raise VerificationError("not base64") from None
    if encode_base64(data) != standard:
        raise VerificationError("not base64 in its one form")
    return data


def pae(payload_type: str, payload: bytes) -> bytes:
    """Pre-authentication encoding: the bytes that are signed. Lengths count bytes, not characters."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload_type: str, payload: bytes, *signers: Signer) -> Envelope:
    """Envelope of ``payload`` with a signature of each of the signers; raises InputError for no signer or no type."""
    if not payload_type or not 1 <= len(signers) <= MAX_SIGNATURES:
        raise InputError(f"an envelope needs a payload type and 1 to {MAX_SIGNATURES} signers")
    message = pae(payload_type, payload)
    return Envelope(payload_type, payload, tuple(Signature(s.sign(message), s.key_id) for s in signers))


def verify(envelope: Envelope, keys: Iterable[PublicKey], threshold: int = 1) -> tuple[PublicKey, ...]:
    """Return the distinct keys among ``keys`` whose signatures hold, in the order of the signatures.

    Raises VerificationError when they are fewer than ``threshold``, however many signatures one key has made, and for
    an empty payload type. The caller decides which payload types it takes.
    """
    if threshold < 1:
        raise InputError(f"a threshold of {threshold}", hint="at least one signature is needed")
    if not envelope.payload_type:
        raise VerificationError("an envelope without a payload type")
    message = pae(envelope.payload_type, envelope.payload)
    waiting = {key.key_id: key for key in keys}
    found: list[PublicKey] = []
    for signature in envelope.signatures:
        key = _maker(signature, message, waiting)
        if key:
            found.append(waiting.pop(key.key_id))
    if len(found) < threshold:
        raise VerificationError(
            f"signed by {len(found)} trusted keys where {threshold} are needed",
            hint="the envelope was changed, or its keys are not in the key ring",
        )
    return tuple(found)


def _maker(signature: Signature, message: bytes, keys: Mapping[str, PublicKey]) -> PublicKey | None:
    hinted = keys.get(signature.key_id)
    others = (key for key in keys.values() if key is not hinted)
    return next((k for k in ((hinted, *others) if hinted else others) if _holds(k, signature.sig, message)), None)


def _holds(key: PublicKey, sig: bytes, message: bytes) -> bool:
    try:
        key.verify(sig, message)
    except VerificationError:
        return False
    return True
