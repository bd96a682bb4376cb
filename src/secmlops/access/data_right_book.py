"""Who may see which columns, as one ledger tells it: users, roles and rights on data sets, read together."""

from collections.abc import Callable
from typing import TypeAlias

from secmlops.access.changes import Role, User
from secmlops.access.data_access import DataAccess
from secmlops.access.data_right_entries import DATA_RIGHT, SignedRight, read_right
from secmlops.access.data_rights import DataRights, Holder
from secmlops.access.directory import Directory
from secmlops.access.entries import ACCESS, SignedChange, read_change
from secmlops.access.following import Follower
from secmlops.access.state import AccessState
from secmlops.ledger.entry import Record
from secmlops.ledger.view import LedgerView
from secmlops.trust.roles import KeyRing

_Signed: TypeAlias = SignedChange | SignedRight


class DataRightBook:
    """The rights on data sets in one ledger, with the users and roles that have them.

    All are replayed in the one order of the ledger, so that a right ends with its user or role: whoever is added later
    under the same name does not come into it. ``ring`` reads the key ring: when a key was revoked or added, all is read
    again.
    """

    def __init__(self, ledger: LedgerView, ring: Callable[[], KeyRing], mac_key: bytes) -> None:
        self._ledger = ledger
        self._read_ring = ring
        self._mac_key = mac_key
        self._ring = ring()
        self._follower = Follower(ledger, ACCESS, DATA_RIGHT)
        self._state = AccessState()
        self._rights = DataRights()
        self._access = DataAccess(self._state, Directory(self._state, mac_key), self._rights)

    def refresh(self) -> DataAccess:
        """Take in the entries that came since, all or none, and return who may do what from now on.

        Raises VerificationError when an entry is not what it claims to be, InputError when the ledger cannot be read.
        """
        ring, origin = self._read_ring(), self._ledger.origin
        anew = ring != self._ring
        if anew:
            self._ring, self._follower = ring, Follower(self._ledger, ACCESS, DATA_RIGHT)
            self._state, self._rights = AccessState(), DataRights()
        changes = self._follower.step(lambda record: _read(record, ring, origin))
        for signed in changes:
            self._replay(signed)
        if changes or anew:
            self._access = DataAccess(self._state, Directory(self._state, self._mac_key), self._rights)
        return self._access

    def _replay(self, signed: _Signed) -> None:
        if isinstance(signed, SignedRight):
            (self._rights.replay_revoked if signed.revoked else self._rights.replay)(signed.right)
            return
        change = signed.change
        (self._state.replay_revoked if signed.revoked else self._state.replay)(change)
        if isinstance(change, User | Role):
            user = isinstance(change, User)
            known = (self._state.users if user else self._state.roles).get(change.name)
            if known is not None and known.removed:
                self._rights.end(Holder("user" if user else "role", change.name))


def _read(record: Record, ring: KeyRing, origin: str) -> _Signed:
    return (read_right if record.kind == DATA_RIGHT else read_change)(record, ring, origin)
