"""Changing rights: each change is checked, and in the ledger when its function returns.

Whoever holds the gateway's signing key administers; ``append`` signs and appends with it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from secmlops.access.book import AccessBook
from secmlops.access.changes import Certificate, Change, Grant, Issuer, Role, User
from secmlops.access.keys import Narrowing, new_key
from secmlops.access.names import check_name
from secmlops.access.permissions import Permission
from secmlops.access.roles import BUILT_IN
from secmlops.access.state import AccessState
from secmlops.core.clock import Clock
from secmlops.core.errors import InputError

_Versioned = TypeVar("_Versioned", User, Role, Issuer, Certificate)


class Administration:
    """The changes that can be made to the rights of one project. All raise InputError for what cannot be done."""

    def __init__(self, book: AccessBook, mac_key: bytes, clock: Clock, append: Callable[[Change], None]) -> None:
        self._book = book
        self._mac_key = mac_key
        self._clock = clock
        self._append = append

    def state(self) -> AccessState:
        """Rights as they stand now."""
        self._book.refresh()
        return self._book.state

    def now(self) -> datetime:
        """Return the moment that a change made now carries."""
        return self._clock()

    def set_user(self, name: str, roles: Sequence[str]) -> User:
        """Add a user with these roles; of one that is there, the roles become these."""
        check_name(name, "a user")
        state = self.state()
        _check_roles(state, roles)
        version = _next(state.users, name)
        return self._put(User(name=name, roles=tuple(sorted(set(roles))), version=version, at=self._clock()))

    def remove_user(self, name: str) -> User:
        """Remove a user, with all keys and certificates, for ever."""
        return self._put(self._ended(_standing(self.state().users, name, "user", "users")))

    def set_role(self, name: str, permissions: Sequence[Permission]) -> Role:
        """Add a role of the project's own; of one that is there, the permissions become these."""
        check_name(name, "a role")
        if name in BUILT_IN:
            raise InputError(f"the role {name} is built in", hint="choose another name")
        if not permissions:
            raise InputError("a role that allows nothing", where=name, hint="for example: predict model:credit-*")
        version = _next(self.state().roles, name)
        return self._put(
            Role(name=name, permissions=tuple(dict.fromkeys(permissions)), version=version, at=self._clock())
        )

    def remove_role(self, name: str) -> Role:
        """Remove a role of the project's own; whoever has it may do no more what it allowed."""
        if name in BUILT_IN:
            raise InputError(f"the role {name} is built in", hint="take it from the users who have it")
        return self._put(self._ended(_standing(self.state().roles, name, "role", "roles")))

    def grant(self, name: str, narrowing: Narrowing) -> tuple[str, Grant]:
        """Make an API key for a user: the text that is shown once, and the grant."""
        _standing(self.state().users, name, "user", "users")
        return self._granted(name, narrowing)

    def grant_anyone(self, name: str, narrowing: Narrowing) -> tuple[str, Grant]:
        """Make an API key for a user, or for a name that never was one: it becomes one, with the role caller."""
        state = self.state()
        user = state.users.get(name)
        if user is None and name in state.doubtful:
            raise InputError(f"the user {name} was named by a revoked key", hint="secmlops access users add adds them")
        if user is not None and user.removed:
            raise InputError(f"the user {name} was removed", hint="secmlops access users add adds them anew")
        return self._granted(name, narrowing)

    def withdraw(self, key: str) -> Grant:
        """Withdraw an API key by its id, for ever."""
        grant = self.state().grants.get(key)
        if grant is None:
            raise InputError(f"there is no API key {key[:64]!r}", hint="secmlops access keys list shows them")
        withdrawn = msgspec.structs.replace(grant, withdrawn=True, at=self._clock())
        self._append(withdrawn)
        return withdrawn

    def trust(self, issuer: Issuer) -> Issuer:
        """Trust an issuer of tokens, checked before (``issuers``); of one that is trusted, what counts becomes this."""
        state = self.state()
        _check_roles(state, [rule.role for rule in issuer.rules])
        version = _next(state.issuers, issuer.issuer)
        return self._put(msgspec.structs.replace(issuer, version=version))

    def distrust(self, issuer: str) -> Issuer:
        """Take no more tokens of an issuer."""
        return self._put(self._ended(_standing(self.state().issuers, issuer, "trusted issuer", "tokens")))

    def map_certificate(self, certificate: Certificate) -> Certificate:
        """Let a client certificate stand for its user. Its version is set here."""
        state = self.state()
        _standing(state.users, certificate.name, "user", "users")
        version = _next(state.certificates, certificate.fingerprint)
        return self._put(msgspec.structs.replace(certificate, version=version))

    def withdraw_certificate(self, fingerprint: str) -> Certificate:
        """Let a client certificate, by its SHA-256 in hex, stand for nobody."""
        found = self.state().certificates
        return self._put(self._ended(_standing(found, fingerprint, "certificate", "certificates")))

    def _granted(self, name: str, narrowing: Narrowing) -> tuple[str, Grant]:
        text, grant = new_key(self._mac_key, name, narrowing, self._clock())
        self._append(grant)
        return text, grant

    def _ended(self, standing: _Versioned) -> _Versioned:
        return msgspec.structs.replace(standing, removed=True, version=standing.version + 1, at=self._clock())

    def _put(self, change: _Versioned) -> _Versioned:
        """Append a change and see that it counts: of two that are made at once, only the first does."""
        self._append(change)
        if not self.state().holds(change):
            raise InputError("somebody else changed the same at the same time", hint="look at it, and do it again")
        return change


def _check_roles(state: AccessState, roles: Iterable[str]) -> None:
    known = {*BUILT_IN, *(role.name for role in state.roles.values() if not role.removed)}
    for role in roles:
        if role not in known:
            raise InputError(f"there is no role {role[:64]!r}", hint=f"one of {', '.join(sorted(known))}")


def _next(known: Mapping[str, _Versioned], name: str) -> int:
    return known[name].version + 1 if name in known else 1


def _standing(known: Mapping[str, _Versioned], name: str, what: str, verb: str) -> _Versioned:
    """Return what stands under this name; raises InputError when there is nothing, or it was removed."""
    found = known.get(name)
    if found is None or found.removed:
        raise InputError(f"there is no {what} {name[:200]!r}", hint=f"secmlops access {verb} list shows them")
    return found
