"""Signed notes: text with Ed25519 signature lines, and the text form of the keys (C2SP signed-note).

The text may be used only after ``open_note`` has returned it. Signature lines by keys that are not asked about are kept
and ignored, so that witnesses may cosign a note.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from secmlops.core.errors import InputError, VerificationError
from secmlops.trust.keys import Algorithm, PublicKey, Signer

ED25519 = b"\x01"
MAX_NOTE_SIZE = 1_000_000
MAX_SIGNATURES = 100

_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")
_LINE = re.compile(r"— ([^ ]+) ([^ ]+)")


@dataclass(frozen=True, slots=True)
class NoteKey:
    """An Ed25519 public key under the name by which it signs notes; the name has no spaces and no plus sign."""

    name: str
    key: PublicKey

    def __post_init__(self) -> None:
        if not _is_name(self.name):
            raise InputError(f"{self.name[:80]!r} is not a key name", hint="not empty, no spaces, no plus sign")
        if self.key.algorithm is not Algorithm.ED25519:
            raise InputError(f"notes are signed with Ed25519, not {self.key.algorithm}", where=self.name)

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Read ``<name>+<key id in hex>+<base64 of 0x01 || key>``; raises InputError when any part disagrees."""
        name, _, rest = vkey.partition("+")
        key_id, _, encoded = rest.partition("+")
        try:
            typed = decode_base64(encoded)
        except VerificationError as error:
            raise InputError(f"not a verifier key: {error.what}", where=name[:80]) from None
        if typed[:1] != ED25519:
            raise InputError("not an Ed25519 verifier key", where=name[:80], hint="<name>+<key id>+<base64 key>")
        key = cls(name, PublicKey.from_raw_ed25519(typed[1:]))
        if key.key_id.hex() != key_id:
            raise InputError("the key id does not belong to the key", where=name[:80], hint="copy the whole line")
        return key

    @property
    def key_id(self) -> bytes:
        """First four bytes of SHA-256(name || 0x0A || 0x01 || public key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.key.raw_ed25519).digest()[:4]

    @property
    def vkey(self) -> str:
        """Text form, for a configuration or a README."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(ED25519 + self.key.raw_ed25519)}"


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature of a note: who says to have made it, the 4-byte key id and the signature. Not yet verified."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"— {self.name} {encode_base64(self.key_id + self.signature)}\n"


def sign_note(text: str, name: str, signer: Signer) -> bytes:
    """Sign ``text``, which ends in a newline; returns the note with one signature line, UTF-8.

    Raises InputError when the text cannot be a note or the signer's key is not Ed25519.
    """
    if not text.endswith("\n") or _CONTROL.search(text.encode()):
        raise InputError("this text cannot be signed as a note", hint="end with a newline, no control characters")
    key = NoteKey(name, signer.public)
    line = SignatureLine(name, key.key_id, signer.sign(text.encode()))
    return f"{text}\n{line}".encode()


def open_note(note: bytes, keys: Sequence[NoteKey]) -> str:
    """Text of the note, once at least one of ``keys`` signed it and no signature by any of them is wrong.

    Raises VerificationError otherwise.
    """
    text, lines = split_note(note)
    known = {(key.name, key.key_id): key for key in keys}
    verified = False
    for line in lines:
        key = known.get((line.name, line.key_id))
        if key is not None:
            key.key.verify(line.signature, text.encode())
            verified = True
    if not verified:
        raise VerificationError("the note is not signed by a known key", hint="check the public key and the origin")
    return text


def split_note(note: bytes) -> tuple[str, tuple[SignatureLine, ...]]:
    """Unverified text and signature lines of a note; raises VerificationError when it is not a signed note."""
    if len(note) > MAX_NOTE_SIZE:
        raise VerificationError(f"a note of {len(note)} bytes is too large")
    try:
        whole = note.decode()
    except UnicodeDecodeError:
        raise VerificationError("the note is not UTF-8") from None
    if _CONTROL.search(note):
        raise VerificationError("the note holds control characters")
    text, blank, signatures = whole.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise VerificationError("not a signed note", hint="text, an empty line, signature lines")
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise VerificationError(f"a note with {len(lines)} signatures", hint=f"at most {MAX_SIGNATURES}")
    return text + "\n", tuple(_signature_line(line) for line in lines)


def encode_base64(data: bytes) -> str:
    """Encode in standard base 64 (RFC 4648 section 4)."""
    return base64.b64encode(data).decode()


def decode_base64(text: str) -> bytes:
    """Decode the one standard base 64 form of some bytes; raises VerificationError for every other text."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise VerificationError("not base 64") from None
    if encode_base64(data) != text:
        raise VerificationError("not the canonical base 64 of any bytes")
    return data


def _is_name(text: str) -> bool:
    return text != "" and text.isprintable() and not any(c.isspace() or c == "+" for c in text)


def _signature_line(line: str) -> SignatureLine:
    found = _LINE.fullmatch(line)
    if not found:
        raise VerificationError("a signature line of the note is malformed", hint="em dash, key name, base 64")
    data = decode_base64(found[2])
    if len(data) < 5 or not _is_name(found[1]):
        raise VerificationError("a signature line of the note is malformed", where=found[1][:80])
    return SignatureLine(found[1], data[:4], data[4:])
