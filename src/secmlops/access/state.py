"""Rights as they stand: the changes of the ledger, replayed in their order."""

from typing import TypeVar

import msgspec

from secmlops.access.changes import Certificate, Change, Grant, Issuer, Role, User
from secmlops.access.roles import CALLER

_V = TypeVar("_V", User, Role, Issuer, Certificate)


class AccessState:
    """What the last change says of each user, role, key, issuer and certificate, removed ones too.

    What is replayed a second time, or out of its order, changes nothing: a withdrawn key never comes back, and of
    anything else only a version above the known one counts.
    """

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.roles: dict[str, Role] = {}
        self.grants: dict[str, Grant] = {}
        self.issuers: dict[str, Issuer] = {}
        self.certificates: dict[str, Certificate] = {}

    def replay(self, change: Change) -> None:
        """Take in the next change."""
        match change:
            case Grant():
                self._grant(change)
            case User():
                if _newer(self.users, change.name, change) and change.removed:
                    self._end_credentials(change.name)
            case Role():
                _newer(self.roles, change.name, change)
            case Issuer():
                _newer(self.issuers, change.issuer, change)
            case Certificate():
                _newer(self.certificates, change.fingerprint, change)

    def holds(self, change: User | Role | Issuer | Certificate) -> bool:
        """Whether this is what stands now about whom or what it is about."""
        kept = (*self.users.values(), *self.roles.values(), *self.issuers.values(), *self.certificates.values())
        return any(msgspec.structs.replace(one, ledger=change.ledger) == change for one in kept)

    def _grant(self, grant: Grant) -> None:
        earlier = self.grants.get(grant.key)
        if earlier is not None:
            if grant.withdrawn:
                self.grants[grant.key] = grant
            return
        user = self.users.setdefault(grant.name, User(name=grant.name, roles=(CALLER,), version=0, at=grant.at))
        self.grants[grant.key] = msgspec.structs.replace(grant, withdrawn=grant.withdrawn or user.removed)

    def _end_credentials(self, name: str) -> None:
        """Withdraw all that a removed user had: another person of the same name must not come into it."""
        for key, grant in self.grants.items():
            if grant.name == name:
                self.grants[key] = msgspec.structs.replace(grant, withdrawn=True)
        for fingerprint, certificate in self.certificates.items():
            if certificate.name == name:
                self.certificates[fingerprint] = msgspec.structs.replace(certificate, removed=True)


def _newer(known: dict[str, _V], name: str, change: _V) -> bool:
    """Keep the change if its version is above the known one; whether it was kept."""
    earlier = known.get(name)
    if earlier is not None and change.version <= earlier.version:
        return False
    known[name] = change
    return True
