"""Who may attest what: the roles, the controls each of them speaks for, and the ring of public keys that hold them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Self

import msgspec

from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.trust.canonical import canonical_json
from secmlops.trust.keys import PublicKey
from secmlops.trust.moment import read_moment, write_moment

MAX_RING_BYTES = 4 * 1024 * 1024
_PATTERN = re.compile(r"[a-z][a-z0-9_-]*\.(?:\*|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)", re.ASCII)


class Role(StrEnum):
    """What a key is for. Whoever builds a model does not validate it: no role speaks for another's controls."""

    ENGINEER = "engineer"
    VALIDATOR = "validator"
    RELEASER = "releaser"
    GATEWAY = "gateway"
    LOG = "log"
    MODEL = "model"


CONTROLS: Mapping[Role, frozenset[str]] = MappingProxyType(
    {
        Role.ENGINEER: frozenset({"design.*", "data.*", "training.*"}),
        Role.VALIDATOR: frozenset({"assurance.*"}),
        Role.RELEASER: frozenset({"release.*", "gate.*"}),
        Role.GATEWAY: frozenset({"serving.*"}),
        Role.LOG: frozenset(),  # signs checkpoints
        Role.MODEL: frozenset(),  # signs model artifacts
    }
)


@dataclass(frozen=True, slots=True)
class RingKey:
    """A public key, its one role, and its period: from ``since`` up to but not including ``until``.

    Past its period a key still vouches for what it signed within it. A revoked key vouches for nothing, ever.
    """

    key: PublicKey
    role: Role
    since: datetime
    until: datetime | None = None
    revoked: bool = False

    def valid_at(self, moment: datetime) -> bool:
        """Whether the key may sign at ``moment``."""
        return not self.revoked and self.since <= moment and (self.until is None or moment < self.until)


class _RingKeyJson(msgspec.Struct, forbid_unknown_fields=True):
    public_key: str
    role: Role
    since: str
    until: str | None
    revoked: bool


class _RingJson(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    keys: list[_RingKeyJson]
    grants: dict[Role, list[str]]


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All public keys that are or were trusted. ``grants`` add controls to a role: ``stage.*`` or one control's id."""

    entries: tuple[RingKey, ...] = ()
    grants: Mapping[Role, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len({e.key.key_id for e in self.entries}) != len(self.entries):
            raise InputError("a key is in the ring twice", hint="a key has one role and one period")
        for pattern in (p for patterns in self.grants.values() for p in patterns):
            if not _PATTERN.fullmatch(pattern):
                raise InputError(f"{pattern[:80]!r} names no control", hint="write stage.* or a control's id")

    def find(self, key_id: str) -> RingKey | None:
        """Entry of the key with this id, revoked or not."""
        return next((e for e in self.entries if e.key.key_id == key_id), None)

    def keys(self, role: Role | None = None) -> tuple[PublicKey, ...]:
        """Keys that are not revoked, past periods included; those of one role if one is given."""
        return tuple(e.key for e in self.entries if not e.revoked and role in (None, e.role))

    def current(self, role: Role) -> PublicKey:
        """Newest key of ``role`` whose period is open; raises InputError when there is none."""
        open_ones = [e for e in self.entries if e.role is role and e.until is None and not e.revoked]
        if not open_ones:
            raise InputError(f"no key for the role {role}", hint="rotate the role's key to make a new one")
        return max(open_ones, key=lambda e: e.since).key

    def roles_for(self, key_id: str, control_id: str, at: datetime) -> frozenset[str]:
        """Roles in which the key could attest the control at that moment: empty when it could not.

        ``at`` is the moment the signer claims; whoever steals a key whose period is over can still date back, so a
        stolen key is to be revoked, not rotated.
        """
        entry = self.find(key_id)
        if entry is None or not entry.valid_at(at) or not self._speaks_for(entry.role, control_id):
            return frozenset()
        return frozenset({str(entry.role)})

    def revoked_for(self, key_id: str, control_id: str) -> bool:
        """Whether the key could attest the control until it was revoked."""
        entry = self.find(key_id)
        return entry is not None and entry.revoked and self._speaks_for(entry.role, control_id)

    def _speaks_for(self, role: Role, control_id: str) -> bool:
        patterns = CONTROLS[role] | self.grants.get(role, frozenset())
        stage, _, name = control_id.partition(".")
        return bool(name) and not patterns.isdisjoint({control_id, f"{stage}.*"})

    def with_key(self, key: PublicKey, role: Role, since: datetime) -> "KeyRing":
        """Ring with one more key; raises InputError when it is there already."""
        return replace(self, entries=(*self.entries, RingKey(key, role, since)))

    def with_grant(self, role: Role, patterns: Iterable[str]) -> "KeyRing":
        """Ring whose ``role`` may attest more controls; raises InputError for what names no control."""
        return replace(self, grants={**self.grants, role: self.grants.get(role, frozenset()) | frozenset(patterns)})

    def closing(self, role: Role, at: datetime) -> "KeyRing":
        """Ring in which every open period of ``role`` ends at ``at``; raises InputError when one begins only later."""
        return replace(self, entries=tuple(_closed(e, at) if e.role is role else e for e in self.entries))

    def revoking(self, key_id: str) -> "KeyRing":
        """Ring in which the key counts for nothing; raises InputError for a key that is not there."""
        if self.find(key_id) is None:
            raise InputError(f"no key {key_id[:12]} in the ring")
        entries = (replace(e, revoked=True) if e.key.key_id == key_id else e for e in self.entries)
        return replace(self, entries=tuple(entries))

    def revoking_none(self) -> "KeyRing":
        """Ring as it would be had no key been revoked: to tell what a revocation ended from what was changed."""
        return replace(self, entries=tuple(replace(e, revoked=False) for e in self.entries))

    def to_json(self) -> bytes:
        """Canonical JSON of the ring: public keys, roles and periods, for auditors and other machines."""
        keys: list[Json] = [
            {
                "public_key": e.key.pem,
                "role": e.role,
                "since": write_moment(e.since),
                "until": write_moment(e.until) if e.until else None,
                "revoked": e.revoked,
            }
            for e in self.entries
        ]
        grants = {str(role): sorted(patterns) for role, patterns in self.grants.items()}
        return canonical_json({"version": 1, "keys": keys, "grants": grants})

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read what ``to_json`` wrote; raises InputError otherwise. Where the bytes come from is the caller's care."""
        if len(data) > MAX_RING_BYTES:
            raise InputError(f"a key ring of {len(data)} bytes", hint=f"at most {MAX_RING_BYTES} are read")
        try:
            read = msgspec.json.decode(data, type=_RingJson)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise InputError(f"not a key ring: {error}") from None
        if read.version != 1:
            raise InputError(f"a key ring of version {read.version}", hint="this release reads version 1")
        return cls(
            tuple(_entry(k) for k in read.keys), {role: frozenset(patterns) for role, patterns in read.grants.items()}
        )


def _closed(entry: RingKey, at: datetime) -> RingKey:
    if entry.until is not None:
        return entry
    if at < entry.since:
        raise InputError(f"a period of role {entry.role} would end before it begins", hint="check the clock")
    return replace(entry, until=at)


def _entry(read: _RingKeyJson) -> RingKey:
    until = None if read.until is None else read_moment(read.until)
    return RingKey(PublicKey.from_pem(read.public_key), read.role, read_moment(read.since), until, read.revoked)
