"""Evidence in the ledger: appended as signed attestations, read back verified."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from secmlops.core.digest import Digest
from secmlops.core.evidence import Evidence
from secmlops.core.policy import Attested
from secmlops.ledger.log import Ledger
from secmlops.trust.attestation import attest, read_attestation
from secmlops.trust.keys import Signer
from secmlops.trust.roles import KeyRing

EVIDENCE = "evidence"
LEDGER = "ledger"
"""The material that binds evidence to its ledger: the digest of the origin line."""


class EvidenceBook:
    """All evidence of one ledger, in order. What was read once is kept; new entries are read as they come.

    Evidence that was signed for another ledger may lie here, put in with the log's key; it has no roles. ``ring`` is
    the key ring, or reads it: then all is read again once a key was revoked or added while the book is open.
    """

    def __init__(self, ledger: Ledger, ring: KeyRing | Callable[[], KeyRing]) -> None:
        self.ledger = ledger
        self._read_ring = ring if callable(ring) else lambda: ring
        self._ring = self._read_ring()
        self._origin = Digest.of(ledger.origin.encode())
        self._read: list[Attested] = []
        self._next = 0

    def append(self, evidence: Evidence, signer: Signer) -> Attested:
        """Sign ``evidence`` and append it; durable on return.

        Raises VerificationError, and appends nothing, when ``signer`` is not in the ring: nobody could read it back.
        """
        envelope = attest(self.bound(evidence), signer)
        verified = read_attestation(envelope, self._read_ring())
        (index,) = self.ledger.append([(EVIDENCE, envelope)])
        return Attested(verified.evidence, verified.roles, index)

    def bound(self, evidence: Evidence) -> Evidence:
        """Evidence bound to this ledger: signed like this, it counts for nothing in another one."""
        return replace(evidence, materials={**evidence.materials, LEDGER: self._origin})

    def all(self) -> Sequence[Attested]:
        """Every piece of evidence; raises VerificationError for an entry whose signature does not hold."""
        ring = self._read_ring()
        if ring != self._ring:
            self._ring, self._read, self._next = ring, [], 0
        size = self.ledger.size
        fresh = [self._attested(record.place, record.data) for record in self.ledger.entries(self._next, EVIDENCE)]
        self._read.extend(fresh)
        self._next = max(size, *(attested.index + 1 for attested in fresh), self._next)
        return self._read

    def latest(self, control: str) -> Attested | None:
        """Return the latest evidence of ``control`` about anything."""
        return next((a for a in reversed(self.all()) if a.evidence.control.id == control), None)

    def _attested(self, index: int, envelope: bytes) -> Attested:
        verified = read_attestation(envelope, self._ring)
        ours = verified.evidence.materials.get(LEDGER) == self._origin
        revoked = ours and self._ring.revoked_for(verified.key_id, verified.evidence.control.id)
        return Attested(verified.evidence, verified.roles if ours else frozenset(), index, revoked)
