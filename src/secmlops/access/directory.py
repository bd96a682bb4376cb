"""Everybody who has access at one moment, with all that they may do: worked out once when rights change."""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from secmlops.access.changes import Grant, Issuer, User
from secmlops.access.identity import Identity
from secmlops.access.keys import UNKNOWN_MAC, split
from secmlops.access.permissions import Permission
from secmlops.access.roles import BUILT_IN
from secmlops.access.state import AccessState


@dataclass(frozen=True, slots=True)
class _Credential:
    """An identity, what proves it (a key's MAC; nothing for a certificate), and until when it counts."""

    identity: Identity
    expires: datetime | None
    mac: bytes = UNKNOWN_MAC


class Directory:
    """Identities by credential. It never changes: another one takes its place when rights change."""

    def __init__(self, state: AccessState, mac_key: bytes) -> None:
        self._begun = hmac.new(mac_key, digestmod="sha256")  # begun once: that is half the cost of a MAC
        self._roles = {role.name: role.permissions for role in state.roles.values() if not role.removed} | dict(
            BUILT_IN
        )
        self._users = {user.name: user for user in state.users.values() if not user.removed}
        self._keys = {
            grant.key: self._key(grant, user)
            for grant in state.grants.values()
            if not grant.withdrawn and (user := self._users.get(grant.name))
        }
        self._certificates = {
            c.fingerprint: _Credential(self.identity(f"cert:{c.fingerprint[:16]}", c.name, user.roles), c.expires)
            for c in state.certificates.values()
            if not c.removed and (user := self._users.get(c.name))
        }
        self.issuers: Mapping[str, Issuer] = {i.issuer: i for i in state.issuers.values() if not i.removed}

    def authenticate(self, presented: str, now: datetime) -> Identity | None:
        """Identity behind the presented API key, or None.

        Whatever is presented, one MAC is computed and compared in constant time before anything else is looked at:
        malformed, unknown, wrong, withdrawn and expired cannot be told apart by how long the answer takes.
        """
        key, secret = split(presented)
        credential = self._keys.get(key)
        proven = hmac.compare_digest(self._mac(secret), credential.mac if credential else UNKNOWN_MAC)
        if not proven or credential is None or (credential.expires is not None and credential.expires <= now):
            return None
        return credential.identity

    def certificate(self, fingerprint: str, now: datetime) -> Identity | None:
        """Identity behind a client certificate, by its SHA-256 in hex, or None. TLS must have proven its key."""
        credential = self._certificates.get(fingerprint)
        if credential is None or (credential.expires is not None and credential.expires <= now):
            return None
        return credential.identity

    def user_roles(self, name: str) -> tuple[str, ...] | None:
        """Names of the roles of a user; None when there is no such user."""
        user = self._users.get(name)
        return None if user is None else user.roles

    def identity(self, number: str, name: str, roles: Iterable[str]) -> Identity:
        """Identity with this id and name, and all that these roles allow; a role that is not there allows nothing."""
        return Identity(number, name, frozenset(roles), self._permissions(roles))

    def pseudonym(self, *parts: str) -> str:
        """Return 12 hexadecimal digits that stand for these texts: a keyed digest, which no guessing can search."""
        return self._mac("\0".join(("pseudonym", *parts)).encode()).hex()[:12]

    def _mac(self, text: bytes) -> bytes:
        mac = self._begun.copy()
        mac.update(text)
        return mac.digest()

    def _permissions(self, roles: Iterable[str]) -> tuple[Permission, ...]:
        return tuple(dict.fromkeys(p for role in sorted(set(roles)) for p in self._roles.get(role, ())))

    def _key(self, grant: Grant, user: User) -> _Credential:
        identity = Identity(
            f"key:{grant.key}",
            grant.name,
            frozenset(user.roles),
            self._permissions(user.roles),
            grant.limits,
            grant.scopes,
            grant.models,
        )
        return _Credential(identity, grant.expires, bytes.fromhex(grant.mac))
