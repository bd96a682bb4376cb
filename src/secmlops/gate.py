"""A gate: it reads the evidence in the ledger under a policy, says open or shut, and its verdict is evidence too."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.policy import Docket, Policy, Reason, Verdict
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject
from secmlops.ledger.book import EvidenceBook
from secmlops.trust.canonical import digest_of
from secmlops.trust.keys import Signer

VERSION = "1"


@dataclass(frozen=True, slots=True)
class Gate:
    """The way out of ``stage`` for ``subject``: open when ``policy`` holds over the evidence about ``subjects``."""

    stage: Stage
    policy: Policy
    subject: Subject
    subjects: Mapping[str, Digest]

    @property
    def control_id(self) -> str:
        """The id under which verdicts of this gate are recorded."""
        return f"gate.{self.stage}"

    def judge(self, book: EvidenceBook, now: datetime) -> Verdict:
        """Verdict on the evidence as it stands; nothing is recorded."""
        return self.policy.judge(Docket(frozenset(self.subjects.values()), book.all(), now))

    def record(self, book: EvidenceBook, verdict: Verdict, signer: Signer, now: datetime) -> Evidence:
        """Evidence of ``verdict``: appended, unless it repeats the latest one and nothing it reads came since.

        A verdict that was signed with a key that may not attest it, or was revoked since, is none to repeat.
        """
        evidence = self._evidence(verdict, now)
        earlier = book.latest(self.control_id)
        newest = max((a.index for a in book.all() if self._reads(a.evidence)), default=-1)
        if earlier and earlier.roles and earlier.index > newest and _same(earlier.evidence, book.bound(evidence)):
            return earlier.evidence
        return book.append(evidence, signer).evidence

    def _reads(self, evidence: Evidence) -> bool:
        """Whether the gate may have read the evidence: a control's word about a subject, of this stage or earlier."""
        order = list(Stage)
        about = evidence.subject.digest in self.subjects.values() and not evidence.control.id.startswith("gate.")
        return about and order.index(evidence.stage) <= order.index(self.stage)

    def _evidence(self, verdict: Verdict, now: datetime) -> Evidence:
        return Evidence(
            control=ControlRef(self.control_id, VERSION, digest_of(repr(self.policy))),
            stage=self.stage,
            subject=self.subject,
            outcome=Outcome.PASSED if verdict.open else Outcome.FAILED,
            at=now,
            measures={"rules": float(len(verdict.reasons)), "obstacles": float(len(verdict.obstacles))},
            findings=tuple(_finding(reason) for reason in verdict.reasons),
            materials=dict(self.subjects),
        )


def _finding(reason: Reason) -> Finding:
    severity = Severity.NOTE if reason.holds else Severity.ERROR
    return Finding("gate.rule", severity, f"{reason.rule}: {reason.why}")


def _same(earlier: Evidence, now: Evidence) -> bool:
    return dataclasses.replace(earlier, at=now.at) == now
