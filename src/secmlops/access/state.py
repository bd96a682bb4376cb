"""Rights as they stand: the changes of the ledger, replayed in their order."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from secmlops.access.changes import Certificate, Change, Grant, Issuer, Role, User
from secmlops.access.narrowing import common_certificate, common_issuer, common_role, common_user, ends
from secmlops.access.roles import CALLER

_V = TypeVar("_V", User, Role, Issuer, Certificate)


class AccessState:
    """What the last change says of each user, role, key, issuer and certificate, removed ones too.

    What is replayed a second time, or out of its order, changes nothing: a withdrawn key never comes back, and of
    anything else only a version above the known one counts.

    ``passed_over`` counts the changes that would have given something and were signed by a revoked key. ``doubtful``
    are the names of users that such a key spoke of before any other did: a later grant does not make them users.
    """

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.roles: dict[str, Role] = {}
        self.grants: dict[str, Grant] = {}
        self.issuers: dict[str, Issuer] = {}
        self.certificates: dict[str, Certificate] = {}
        self.doubtful: set[str] = set()
        self.passed_over = 0

    @property
    def passed_over_in_words(self) -> str:
        """How many changes are passed over, and why."""
        many = self.passed_over
        told = "change of rights counts" if many == 1 else "changes of rights count"
        return f"{many} {told} for nothing: signed by a key that was revoked"

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

    def replay_revoked(self, change: Change) -> None:
        """Take in the next change, signed by a key that was revoked since: it takes away, and gives nothing.

        An end stays an end. Of what it would have put in the place of something that stands, only what both say is
        left: whoever was given less with that key does not get the rest back. Versions are those of other keys, so
        that a thief cannot use them up.
        """
        match change:
            case Grant():
                if change.withdrawn:
                    self.grants[change.key] = change
            case User():
                if _narrowed(self.users, change.name, change, common_user):
                    self._end_credentials(change.name)
                if change.name not in self.users:
                    self.doubtful.add(change.name)
            case Role():
                _narrowed(self.roles, change.name, change, common_role)
            case Issuer():
                _narrowed(self.issuers, change.issuer, change, common_issuer)
            case Certificate():
                _narrowed(self.certificates, change.fingerprint, change, common_certificate)
        self.passed_over += not ends(change)

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
        user = self.users.get(grant.name)
        if user is None and not grant.withdrawn and grant.name not in self.doubtful:
            self.users[grant.name] = User(name=grant.name, roles=(CALLER,), version=0, at=grant.at)
        ended = grant.withdrawn or (user is not None and user.removed)
        self.grants[grant.key] = msgspec.structs.replace(grant, withdrawn=ended)

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


def _narrowed(known: dict[str, _V], name: str, change: _V, common: Callable[[_V, _V], _V]) -> bool:
    """Leave of what is known what the change says, too, unless it is an earlier one; whether that is an end.

    What is not known is kept as ended, if the change ends it.
    """
    earlier = known.get(name)
    if earlier is None:
        if change.removed:
            known[name] = msgspec.structs.replace(change, version=0)
    elif change.version > earlier.version:
        known[name] = common(earlier, change)
    return change.removed and known[name].removed
