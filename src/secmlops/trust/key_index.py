"""The authenticated index of a key folder: which keys there are, since when, for which role, and which still count."""

import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Self

import msgspec

from secmlops.core.errors import InputError, VerificationError
from secmlops.core.json import Json
from secmlops.trust.canonical import canonical_json
from secmlops.trust.moment import read_moment, write_moment
from secmlops.trust.roles import KeyRing


@dataclass(frozen=True, slots=True)
class KeyEncryptionKey:
    """The period in which a key-encryption key wraps; it unwraps for ever. ``id`` is 32 hex digits, random."""

    id: str
    since: datetime
    until: datetime | None = None


class _PeriodJson(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    since: str
    until: str | None


class _IndexJson(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    ring: msgspec.Raw
    key_encryption: list[_PeriodJson]


@dataclass(frozen=True, slots=True)
class KeyIndex:
    """The ring of signing keys, and the key-encryption keys from the oldest to the current one."""

    ring: KeyRing
    key_encryption: tuple[KeyEncryptionKey, ...]

    def with_key_encryption_key(self, key_id: str, at: datetime) -> "KeyIndex":
        """Index in which the key wraps from ``at`` on; raises InputError when the present one begins only later."""
        *earlier, last = self.key_encryption
        if at < last.since:
            raise InputError("the key-encryption key's period would end before it begins", hint="check the clock")
        chain = (*earlier, replace(last, until=at), KeyEncryptionKey(key_id, at))
        return replace(self, key_encryption=chain)

    def to_bytes(self, mac_key: bytes) -> bytes:
        """HMAC-SHA256 in hex, a line feed, and the canonical JSON under it."""
        periods: list[Json] = [
            {"id": k.id, "since": write_moment(k.since), "until": write_moment(k.until) if k.until else None}
            for k in self.key_encryption
        ]
        ring: Json = msgspec.json.decode(self.ring.to_json())
        body = canonical_json({"version": 1, "ring": ring, "key_encryption": periods})
        return _mac(mac_key, body) + b"\n" + body

    @classmethod
    def from_bytes(cls, data: bytes, mac_key: bytes, where: str) -> Self:
        """Read what ``to_bytes`` wrote, the MAC first; raises VerificationError for anything else.

        An older index of the same folder is not told from the latest one: nothing inside a folder can tell that.
        """
        claimed, _, body = data.partition(b"\n")
        if not hmac.compare_digest(claimed, _mac(mac_key, body)):
            hint = "trust none of its keys; put back a copy of the folder"
            raise VerificationError("the index of the keys was changed", where=where, hint=hint)
        try:
            read = msgspec.json.decode(body, type=_IndexJson)
            periods = tuple(_period(p) for p in read.key_encryption)
            ring = KeyRing.from_json(bytes(read.ring))
        except (msgspec.DecodeError, InputError, UnicodeDecodeError):
            raise VerificationError("not an index of keys of this release", where=where) from None
        if read.version != 1 or not periods:
            raise VerificationError("not an index of keys of this release", where=where)
        return cls(ring, periods)


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, sha256).hexdigest().encode()


def _period(read: _PeriodJson) -> KeyEncryptionKey:
    until = None if read.until is None else read_moment(read.until)
    return KeyEncryptionKey(read.id, read_moment(read.since), until)
