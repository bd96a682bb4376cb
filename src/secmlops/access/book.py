"""Rights in the ledger: every change is a signed entry, and who has access is read from there."""

from collections.abc import Callable
from datetime import datetime

from secmlops.access.directory import Directory
from secmlops.access.entries import ACCESS, read_change
from secmlops.access.following import Follower
from secmlops.access.identity import Identity
from secmlops.access.state import AccessState
from secmlops.ledger.view import LedgerView
from secmlops.trust.roles import KeyRing


class AccessBook:
    """Who has access, as one ledger tells it. ``refresh`` takes in what was changed since.

    A change by a key that was revoked since takes away what it ends, and gives nothing. ``ring`` is the key ring, or
    reads it: then a key that is revoked while the book is open counts for nothing from the next refresh on, and a new
    key counts. ``state`` is for those who administer, ``directory`` for those who let in: a refresh that brings changes
    puts another one in its place, as a whole.
    """

    def __init__(self, ledger: LedgerView, ring: KeyRing | Callable[[], KeyRing], mac_key: bytes) -> None:
        self._ledger = ledger
        self._read_ring = ring if callable(ring) else lambda: ring
        self._ring = self._read_ring()
        self._mac_key = mac_key
        self._follower = Follower(ledger, ACCESS)
        self.state: AccessState = AccessState()
        self.directory = Directory(self.state, mac_key)
        self.refresh()

    def refresh(self) -> None:
        """Take in the entries that came since: all of them, or none when one is not what it claims to be.

        Raises VerificationError then, and again at every later call, since no entry is ever passed over; InputError
        when the ledger cannot be read now.
        """
        ring, origin = self._read_ring(), self._ledger.origin
        anew = ring != self._ring
        follower = Follower(self._ledger, ACCESS) if anew else self._follower
        changes = follower.step(lambda record: read_change(record, ring, origin))
        state = AccessState() if anew else self.state
        for signed in changes:
            (state.replay_revoked if signed.revoked else state.replay)(signed.change)
        self._ring, self._follower, self.state = ring, follower, state
        if changes or anew:
            self.directory = Directory(state, self._mac_key)

    def authenticate(self, presented: str, now: datetime) -> Identity | None:
        """Identity behind the presented API key, as of the last refresh, or None."""
        return self.directory.authenticate(presented, now)

    def certificate(self, fingerprint: str, now: datetime) -> Identity | None:
        """Identity behind a client certificate (SHA-256 of its DER form in lower-case hex), or None.

        That the caller holds the certificate's key must have been proven before, in the TLS handshake.
        """
        return self.directory.certificate(fingerprint, now)
