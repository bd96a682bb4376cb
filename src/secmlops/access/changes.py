"""The changes of rights, as the ledger keeps them: what became of a user, a role, a key, an issuer or a certificate.

A user, role, issuer or certificate says what holds from now on; its ``version`` grows with every change, so that an
earlier entry, appended once more, changes nothing. ``ledger`` is the digest of the origin of the one ledger that a
change is meant for.
"""

from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from secmlops.access.limits import Limits
from secmlops.access.permissions import Permission
from secmlops.core.errors import VerificationError
from secmlops.trust.canonical import canonical_json

Moment = Annotated[datetime, Meta(tz=True)]
Version = Annotated[int, Meta(ge=1)]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class _Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    at: Moment
    ledger: str = ""

    def to_json(self) -> bytes:
        """Canonical JSON."""
        return canonical_json(msgspec.to_builtins(self))


class Grant(_Change, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An API key, granted to the user ``name``, or (``withdrawn``) taken back for ever.

    ``key`` is the id, ``mac`` the keyed digest of the secret. ``scopes`` are actions, or patterns of them, and
    ``models`` patterns of models' names: both narrow what the user's roles allow. ``expires`` is the first moment at
    which the key counts no more, None for a key without end. A grant to a name that no user ever had makes a user with
    the role ``caller``.
    """

    key: Annotated[str, Meta(pattern="^[0-9a-f]{12}$")]
    name: str
    scopes: tuple[str, ...]
    mac: Sha256
    expires: Moment | None = None
    withdrawn: bool = False
    models: tuple[str, ...] = ("*",)
    limits: Limits | None = None

    @classmethod
    def from_json(cls, data: bytes) -> "Grant":
        """Read what ``to_json`` wrote; raises VerificationError otherwise."""
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise VerificationError(f"not a grant: {error}") from None


class User(_Change, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user and the names of their roles; ``removed`` ends their keys and certificates for ever."""

    name: str
    roles: tuple[str, ...]
    version: Version
    removed: bool = False


class Role(_Change, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role of the project's own, and what it allows."""

    name: str
    permissions: tuple[Permission, ...]
    version: Version
    removed: bool = False


class ClaimRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tokens whose ``claim`` is ``value``, or a list that holds it, have the role ``role``."""

    claim: str
    value: str
    role: str


class Issuer(_Change, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An issuer of tokens (OpenID Connect), and what its tokens count for.

    Tokens must name ``issuer`` and ``audience`` and be signed with one of ``algorithms`` by a key of the JWK set (RFC
    7517) at ``jwks_url``, or of ``jwks``, its text. ``user_claim`` names the claim that must hold the name of a user,
    who then has their roles; ``rules`` give further roles.
    """

    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    version: Version
    jwks_url: str | None = None
    jwks: str | None = None
    user_claim: str | None = None
    rules: tuple[ClaimRule, ...] = ()
    removed: bool = False


class Certificate(_Change, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A client certificate that stands for the user ``name``.

    ``fingerprint`` is the SHA-256 of its DER form, ``pem`` the certificate, ``expires`` the end of its validity.
    """

    fingerprint: Sha256
    name: str
    pem: str
    expires: Moment
    version: Version
    removed: bool = False


Change: TypeAlias = Grant | User | Role | Issuer | Certificate
