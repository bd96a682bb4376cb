"""What a token says, read strictly: its header and its claims (RFC 7515, RFC 7519), with nothing believed yet."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from secmlops.access.changes import ClaimRule, Issuer
from secmlops.access.json_object import read_object
from secmlops.core.errors import VerificationError

MAX_CHARACTERS = 8192
LEEWAY = timedelta(seconds=30)
"""How far an issuer's clock may be ahead of ours. A token is over at its end, not later."""

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+", re.ASCII)
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_LATEST = 253_402_300_799  # the end of the year 9999


@dataclass(frozen=True, slots=True)
class Token:
    """Header and claims of a token.

    Only ``algorithm`` and ``kid`` are taken from the header: a key that a token brings with it (``jwk``, ``x5c``), or
    says where to fetch (``jku``, ``x5u``), is never looked at.
    """

    algorithm: str
    kid: str
    issuer: str
    claims: Mapping[str, Any]


def read_token(text: str) -> Token:
    """Read a token in compact form; raises VerificationError for anything else.

    That is: another form than three parts, more than ``MAX_CHARACTERS``, a member twice, a header that asks to be
    understood (``crit``) or changes what is signed (``b64``, ``zip``), another type than a JWT's.
    """
    parts = _COMPACT.fullmatch(text) if len(text) <= MAX_CHARACTERS else None
    if parts is None:
        raise VerificationError("not a token in compact form")
    header, claims = (read_object(_decoded(part), "a part of the token") for part in parts.groups())
    if not {"crit", "b64", "zip", "enc"}.isdisjoint(header):
        raise VerificationError("a token with a header that is not understood here")
    if str(header.get("typ", "JWT")).lower() not in _TYPES:
        raise VerificationError("a token of another type")
    algorithm, kid, issuer = header.get("alg"), header.get("kid"), claims.get("iss")
    if not (isinstance(algorithm, str) and isinstance(kid, str) and isinstance(issuer, str)):
        raise VerificationError("a token without algorithm, key id or issuer")
    return Token(algorithm, kid, issuer, claims)


def check_claims(claims: Mapping[str, Any], issuer: Issuer, now: datetime) -> tuple[str, datetime]:
    """Return the subject and the end; raises VerificationError for a token that does not count.

    It must be for ``issuer.audience``, say when it ends, have begun, and name its subject.
    """
    audience, subject = claims.get("aud"), claims.get("sub")
    for_whom = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != issuer.issuer or issuer.audience not in for_whom:
        raise VerificationError("a token for somebody else, or of another issuer")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise VerificationError("a token without a subject")
    begins = [_moment(claims[name]) for name in ("nbf", "iat") if name in claims]
    if "exp" not in claims or any(begin > now + LEEWAY for begin in begins):
        raise VerificationError("a token that has no end, or has not begun")
    end = _moment(claims["exp"])
    if end <= now:
        raise VerificationError("a token that is over")
    return subject, end


def roles_by_rule(claims: Mapping[str, Any], rules: tuple[ClaimRule, ...]) -> tuple[str, ...]:
    """Roles that the rules give to these claims."""
    return tuple(rule.role for rule in rules if rule.value in values_of(claims, rule.claim))


def values_of(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Texts of a claim: of a list all its texts, of ``scope`` its words (RFC 8693, section 4.2).

    ``name`` is the claim's own name, or leads to one within others: ``realm_access.roles``.
    """
    found: Any = claims
    for part in (name,) if name in claims else name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return tuple(found.split(" ")) if name == "scope" else (found,)
    return tuple(value for value in found if isinstance(value, str)) if isinstance(found, list) else ()


def _moment(value: object) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise VerificationError("a token with a moment that is none")
    return datetime.fromtimestamp(value, UTC)


def _decoded(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise VerificationError("a part of the token is not base64url") from None
