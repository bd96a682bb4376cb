"""API keys: shown once, kept only as a keyed digest, granted and withdrawn by entries that the ledger keeps.

A key reads ``sk_<id>_<secret>``: the id finds it, the secret (256 random bits) proves it. What is stored is
HMAC-SHA-256 of the secret (RFC 2104) under a key of the key provider; with a secret of that strength a slow password
hash would add nothing but cost per request.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from secmlops.core.errors import InputError, VerificationError
from secmlops.trust.canonical import canonical_json

ACCESS = "access"
MAC_PURPOSE = "gateway api keys"
_KEY = re.compile(r"sk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}")
_UNKNOWN_KEY, _UNKNOWN_SECRET, _UNKNOWN_MAC = "0" * 12, "A" * 43, "0" * 64

Moment = Annotated[datetime, Meta(tz=True)]


class Scope(StrEnum):
    """What a key may do at the gateway."""

    PREDICT = "predict"
    READ = "read"


class Grant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change of rights, as the ledger keeps it: a key granted to ``name``, or (``withdrawn``) taken back.

    ``key`` is the id, 12 hexadecimal digits; ``mac`` the keyed digest of the secret, 64. Moments carry a time zone;
    ``expires`` is the first moment at which the key counts no more, None for a key without end.
    """

    key: Annotated[str, Meta(pattern="^[0-9a-f]{12}$")]
    name: str
    scopes: tuple[Scope, ...]
    mac: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    at: Moment
    expires: Moment | None = None
    withdrawn: bool = False

    def to_json(self) -> bytes:
        """Canonical JSON."""
        return canonical_json(msgspec.to_builtins(self))

    @classmethod
    def from_json(cls, data: bytes) -> "Grant":
        """Read what ``to_json`` wrote; raises VerificationError otherwise."""
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise VerificationError(f"not a grant: {error}") from None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: the key's id and the name it was granted to, with what it may do."""

    key: str
    name: str
    scopes: frozenset[Scope]


def new_key(
    mac_key: bytes, name: str, scopes: Iterable[Scope], at: datetime, expires: datetime | None
) -> tuple[str, Grant]:
    """Make a key: the text that is shown once, and the grant to append.

    Raises InputError for a name that is not 1 to 64 plain characters, and for a key that could never be used: without a
    scope, or expired from the start.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"{name[:64]!r} cannot name a key's owner", hint="letters, digits, space . _ @ - (at most 64)")
    allowed = tuple(sorted(set(scopes)))
    if not allowed:
        raise InputError("a key that may do nothing", where=name, hint=f"scopes: {', '.join(Scope)}")
    if expires is not None and expires <= at:
        raise InputError("a key that expires before it is made", where=name)
    key, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    grant = Grant(key=key, name=name, scopes=allowed, mac=_mac(mac_key, secret), at=at, expires=expires)
    return f"sk_{key}_{secret}", grant


class AccessList:
    """The grants in force, replayed from the ledger in order."""

    def __init__(self, mac_key: bytes) -> None:
        self._mac_key = mac_key
        self._grants: dict[str, Grant] = {}

    def replay(self, grant: Grant) -> None:
        """Take in the next change of rights. A withdrawn key never comes back."""
        earlier = self._grants.get(grant.key)
        if earlier is None or not earlier.withdrawn:
            self._grants[grant.key] = grant

    @property
    def grants(self) -> Mapping[str, Grant]:
        """All grants by key id, withdrawn ones too."""
        return self._grants

    def authenticate(self, presented: str, now: datetime) -> Identity | None:
        """Identity behind the presented key, or None.

        Whatever is presented, one MAC is computed and compared in constant time before anything else is looked at:
        malformed, unknown, wrong, withdrawn and expired cannot be told apart by how long the answer takes.
        """
        found = _KEY.fullmatch(presented)
        key, secret = found.groups() if found else (_UNKNOWN_KEY, _UNKNOWN_SECRET)
        grant = self._grants.get(key)
        proven = hmac.compare_digest(_mac(self._mac_key, secret), grant.mac if grant else _UNKNOWN_MAC)
        if not proven or grant is None or grant.withdrawn or (grant.expires is not None and grant.expires <= now):
            return None
        return Identity(grant.key, grant.name, frozenset(grant.scopes))


def _mac(mac_key: bytes, secret: str) -> str:
    return hmac.new(mac_key, secret.encode(), hashlib.sha256).hexdigest()
