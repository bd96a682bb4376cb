"""Checks of the evidence in a release: who signed it, what it is about, what the gate said, and its receipts."""

from dataclasses import dataclass
from functools import cached_property

from secmlops.core.counting import counted
from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.core.evidence import Evidence, Outcome
from secmlops.ledger.book import EVIDENCE
from secmlops.ledger.checkpoint import Checkpoint, read_checkpoint
from secmlops.ledger.entry import leaf_bytes
from secmlops.ledger.receipt import Receipt, verify_receipt
from secmlops.release.bundle import Release
from secmlops.release.names import CHECKPOINT_FILE, GATE_CONTROL, OPTIONAL_FILES
from secmlops.trust.attestation import Verified, read_attestation
from secmlops.trust.keys import Algorithm, PublicKey
from secmlops.trust.roles import KeyRing, Role


@dataclass(frozen=True)  # no slots: the evidence is verified once and kept
class EvidenceChecks:
    """A release, the keys the verifier trusts, and the name of the ledger.

    Every method returns what it saw, in words, or raises VerificationError with the reason why its check does not hold.
    """

    release: Release
    ring: KeyRing
    origin: str

    def evidence(self) -> str:
        """Every piece is signed by a key that may attest it, and about something the gate judged.

        The optional files are those that it says were made.
        """
        verdict = self._verdict()
        about = {self.release.manifest.model, verdict.subject.digest, *verdict.materials.values()}
        for one in self._attested:
            if not one.roles:
                raise VerificationError("a key signed evidence that it may not attest", where=one.evidence.control.id)
            if one.evidence.subject.digest not in about:
                raise VerificationError("evidence about something else", where=one.evidence.control.id)
        self._check_optional()
        return f"{len(self._attested)} pieces of evidence, each by a key that may attest it"

    def verdict(self) -> str:
        """The gate's latest word is the one in the manifest, says open, and is about this model."""
        said = self.release.manifest
        verdict = self._verdict()
        if verdict.outcome is not Outcome.PASSED:
            raise VerificationError(f"the gate said {verdict.outcome}", where=GATE_CONTROL)
        if said.model not in {verdict.subject.digest, *verdict.materials.values()}:
            raise VerificationError("the gate judged another model", where=GATE_CONTROL)
        if verdict.at > said.at:
            raise VerificationError("the gate opened after the release was made", where=GATE_CONTROL)
        return f"open since {verdict.at:%Y-%m-%d %H:%M} UTC, by {verdict.measures.get('rules', 0):.0f} rules"

    def checkpoint(self) -> str:
        """The checkpoint is that of the ledger, signed by a log key."""
        checkpoint, key = self._checkpoint()
        entries = counted(checkpoint.size, "entry", "entries")
        return f"{entries} of {checkpoint.origin}, signed by log key {key.key_id[:12]}"

    def receipts(self) -> str:
        """Each piece of evidence has a receipt under the checkpoint, in the order of the ledger."""
        _, key = self._checkpoint()
        evidence, receipts = self.release.evidence, self.release.receipts
        if len(evidence) != len(receipts):
            raise VerificationError(f"{len(receipts)} receipts for {len(evidence)} pieces of evidence")
        place = -1
        for line, text in zip(evidence, receipts, strict=True):
            receipt = Receipt.parse(text)
            if receipt.checkpoint != self.release.files[CHECKPOINT_FILE]:
                raise VerificationError("a receipt under another checkpoint")
            if verify_receipt(text, key, self.origin) != leaf_bytes(EVIDENCE, line):
                raise VerificationError("a receipt of another entry than the evidence beside it")
            if receipt.index <= place:
                raise VerificationError("evidence in another order than in the ledger, or twice")
            place = receipt.index
        return f"{len(receipts)} pieces of evidence are in the ledger"

    def made(self, control: str, product: str, data: bytes) -> None:
        """Return unless evidence says that ``control`` made other bytes for this model than ``data``."""
        digests = [
            one.evidence.products[product]
            for one in self._attested
            if one.roles
            and one.evidence.control.id == control
            and one.evidence.subject.digest == self.release.manifest.model
            and product in one.evidence.products
        ]
        if digests and Digest.of(data) != digests[-1]:
            raise VerificationError("not the bytes of which the latest evidence speaks", where=control)

    @cached_property
    def _attested(self) -> tuple[Verified, ...]:
        return tuple(read_attestation(line, self.ring) for line in self.release.evidence)

    def _check_optional(self) -> None:
        """Return when the optional files are exactly those that the evidence says were made for this model.

        One left out would go unnoticed otherwise: a gateway serves what has no guard without one.
        """
        latest = {
            one.evidence.control.id: one.evidence.products
            for one in self._attested
            if one.roles and one.evidence.subject.digest == self.release.manifest.model
        }
        for name, (control, product) in OPTIONAL_FILES.items():
            if self.release.manifest.optional.get(name) != latest.get(control, {}).get(product):
                raise VerificationError(f"not the {name} of which the latest evidence speaks", where=control)

    def _verdict(self) -> Evidence:
        of_gate = [
            (line, one)
            for line, one in zip(self.release.evidence, self._attested, strict=True)
            if one.evidence.control.id == GATE_CONTROL
        ]
        if not of_gate or Digest.of(of_gate[-1][0]) != self.release.manifest.verdict:
            raise VerificationError("the latest verdict of the gate is not the one in the manifest", where=GATE_CONTROL)
        if not of_gate[-1][1].roles:
            raise VerificationError("a key gave the verdict that may not attest it", where=GATE_CONTROL)
        return of_gate[-1][1].evidence

    def _checkpoint(self) -> tuple[Checkpoint, PublicKey]:
        keys = [k for k in self.ring.keys(Role.LOG) if k.algorithm is Algorithm.ED25519]
        why = VerificationError("no log key is trusted", hint="add the log's public key to the ring")
        for key in keys:
            try:
                return read_checkpoint(self.release.files[CHECKPOINT_FILE], [key], self.origin), key
            except VerificationError as error:
                why = error
        raise why
