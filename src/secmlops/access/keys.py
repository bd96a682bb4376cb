"""API keys: shown once, kept only as a keyed digest.

A key reads ``sk_<id>_<secret>``: the id finds it, the secret (256 random bits) proves it. What is stored is
HMAC-SHA-256 of the secret (RFC 2104) under a key of the key provider; with a secret of that strength a slow password
hash would add nothing but cost per request.
"""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from secmlops.access.changes import Grant
from secmlops.access.limits import Limits
from secmlops.access.names import check_name
from secmlops.access.permissions import check_action, check_resource
from secmlops.core.errors import InputError

MAC_PURPOSE = "gateway api keys"
PREFIX = "sk_"
_KEY = re.compile(r"sk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_UNKNOWN_KEY, _UNKNOWN_SECRET = "0" * 12, b"A" * 43
UNKNOWN_MAC = bytes(32)
SHORTEST, LONGEST = timedelta(seconds=1), timedelta(days=3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What narrows a key to less than its user may do.

    ``scopes`` are actions, or patterns of them, ``models`` patterns of models' names, ``lifetime`` is how long the key
    counts, None for a key without end.
    """

    scopes: tuple[str, ...]
    models: tuple[str, ...] = ("*",)
    lifetime: timedelta | None = None
    limits: Limits | None = None

    def check(self) -> None:
        """Raise InputError for a key that could never be used, or bounds that make no sense."""
        if not self.scopes or not self.models:
            raise InputError("a key that may do nothing", hint="give it a scope, such as predict, and a model or *")
        for scope in self.scopes:
            check_action(scope)
        for pattern in self.models:
            check_resource(pattern)
        if self.lifetime is not None and not SHORTEST <= self.lifetime <= LONGEST:
            raise InputError("no key can be valid for so long or so short", hint="from 1 s to 3650 d")
        if self.limits is not None:
            self.limits.check()


def new_key(mac_key: bytes, name: str, narrowing: Narrowing, at: datetime) -> tuple[str, Grant]:
    """Make a key: the text that is shown once, and the grant to append.

    Raises InputError for a name that is not 1 to 64 plain characters, and for a key that could never be used.
    """
    check_name(name, "a key's owner")
    narrowing.check()
    key, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    grant = Grant(
        key=key,
        name=name,
        scopes=tuple(sorted({str(scope) for scope in narrowing.scopes})),
        mac=mac_of(mac_key, secret.encode()).hex(),
        at=at,
        expires=None if narrowing.lifetime is None else at + narrowing.lifetime,
        models=tuple(sorted(set(narrowing.models))),
        limits=narrowing.limits,
    )
    return f"{PREFIX}{key}_{secret}", grant


def split(presented: str) -> tuple[str, bytes]:
    """Id and secret of a presented key; for anything else, an id and a secret that no key has."""
    found = _KEY.fullmatch(presented)
    return (found[1], found[2].encode()) if found else (_UNKNOWN_KEY, _UNKNOWN_SECRET)


def mac_of(mac_key: bytes, secret: bytes) -> bytes:
    """Return the keyed digest of a secret, 32 bytes."""
    return hmac.digest(mac_key, secret, "sha256")
