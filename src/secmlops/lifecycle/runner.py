"""Performing one step: a control examines an artifact, its price is taken, its products are stored, its word signed.

The only place that catches whatever a control throws: a control that crashes leaves evidence that says so.
"""

import dataclasses
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

import pyarrow as pa

from secmlops.core.clock import Clock
from secmlops.core.control import Control, Examination
from secmlops.core.digest import Digest
from secmlops.core.errors import SecmlopsError
from secmlops.core.evidence import ControlRef, Evidence, Outcome, Price
from secmlops.core.finding import Finding, Severity
from secmlops.core.policy import CLOCK_TOLERANCE, Attested
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.columns.store import ColumnStore
from secmlops.ledger.book import EvidenceBook
from secmlops.lifecycle.contract import checked
from secmlops.lifecycle.price import Meter
from secmlops.lifecycle.products import Products
from secmlops.trust.canonical import digest_of
from secmlops.trust.keys import Signer
from secmlops.trust.provider import KeyProvider
from secmlops.trust.roles import Role
from secmlops.vault.vault import Vault

MAX_FINDINGS = 60

ATTESTING_ROLE: Mapping[Stage, Role] = {
    Stage.DESIGN: Role.ENGINEER,
    Stage.DATA: Role.ENGINEER,
    Stage.TRAINING: Role.ENGINEER,
    Stage.ASSURANCE: Role.VALIDATOR,
    Stage.RELEASE: Role.RELEASER,
    Stage.SERVING: Role.GATEWAY,
}


def no_objection(_: Evidence, /) -> str:
    """Nothing speaks against evidence."""
    return ""


@dataclass(frozen=True, slots=True)
class Step:
    """One control and what it shall look at.

    ``artifact`` is made only when the control really runs. ``makes`` names the product that becomes the subject of the
    evidence (with its kind and name), for controls that bring their subject into being. ``materials`` are the digests
    that the result depends on beside the subject: with the settings they decide whether earlier evidence still holds.
    ``remarks`` are what was doubtful when the artifact was made; they are recorded with the findings. ``objection``
    says why products that are still there do not hold, for whoever must read them to know.
    """

    control: Control[Any]
    subject: Subject
    artifact: Callable[[], Any]
    materials: Mapping[str, Digest] = field(default_factory=dict)
    makes: tuple[str, SubjectKind, str] | None = None
    remarks: Callable[[], tuple[Finding, ...]] = tuple
    objection: Callable[[Evidence], str] = no_objection


class Listener(Protocol):
    """Who is told how a run goes on."""

    def started(self, control: Control[Any], /) -> None:
        """Note that the control begins to work."""
        ...

    def finished(self, evidence: Evidence, reused: bool, /) -> None:
        """Note evidence, new or reused."""
        ...


@dataclass(frozen=True)
class Runner:
    """Performs steps: reuses evidence that still holds, otherwise examines, stores, signs and appends.

    Evidence older than ``within`` opens no gate, and so is never reused.
    """

    book: EvidenceBook
    vault: Vault
    columns: ColumnStore
    keys: KeyProvider
    clock: Clock
    listener: Listener
    within: timedelta

    def perform(self, step: Step) -> Evidence:
        """Evidence of the step: what the ledger already holds, or what the control says now."""
        held = self.held(step)
        if held and held.outcome is Outcome.PASSED:
            self.listener.finished(held, True)
            return held
        self.listener.started(step.control)
        artifact = step.artifact()
        with Meter() as meter:
            examination = _examine(step.control, artifact)
        return self._record(step, examination, meter)

    def perform_in_parts(self, step: Step, make: Callable[[], tuple[Examination, Mapping[str, Digest]]]) -> Evidence:
        """Evidence of a step whose products are larger than memory: ``make`` examines, and stores them itself.

        Nothing is recorded when it raises.
        """
        held = self.held(step)
        if held and held.outcome is Outcome.PASSED:
            self.listener.finished(held, True)
            return held
        self.listener.started(step.control)
        with Meter() as meter:
            examination, stored = make()
        return self._record(step, examination, meter, stored)

    def give_up(self, step: Step, error: SecmlopsError) -> Evidence:
        """Evidence that the step could not be done, because its artifact cannot be made."""
        with Meter() as meter:
            examination = _stopped(error)
        return self._record(step, examination, meter)

    def held(self, step: Step) -> Evidence | None:
        """Return the latest evidence about the step's subject, if the ledger holds one made from the same things."""
        latest = self._latest(step)
        return latest.evidence if latest and not self.why_not(step, latest) else None

    def why_not(self, step: Step, latest: Attested) -> str:
        """Say why the latest evidence of the step's control does not hold for it; empty when it does."""
        earlier, reference, now = latest.evidence, reference_of(step.control), self.clock()
        changed = [name for name, digest in step.materials.items() if earlier.materials.get(name) != digest]
        reasons = {
            "its evidence was signed by a key that may not attest it": not self._attests(step.control.stage, latest),
            f"the {step.subject.kind} changed": not step.makes and earlier.subject.digest != step.subject.digest,
            "the control has another version": earlier.control.version != reference.version,
            "its settings changed": earlier.control.settings != reference.settings,
            f"changed since: {', '.join(changed)}": bool(changed),
            "its evidence is too old": now - earlier.at > self.within,
            "its evidence is dated in the future": earlier.at - now > CLOCK_TOLERANCE,
            "what it made is no longer in the vault": not self.stored(earlier),
        }
        return next((reason for reason, holds in reasons.items() if holds), "") or step.objection(earlier)

    def stored(self, evidence: Evidence) -> bool:
        """Whether everything that the evidence says was made is still there: what was erased is not."""
        control = evidence.control.id
        return all(self.products.has(control, name, digest) for name, digest in evidence.products.items())

    def product(self, evidence: Evidence, name: str) -> bytes:
        """Bytes of a product, from the vault, verified against the digest in the evidence."""
        return self.products.read(evidence.control.id, name, evidence.products[name])

    def table(self, evidence: Evidence, name: str) -> pa.Table:
        """Product that is a table, from the store of columns, every column verified."""
        return self.products.table(evidence.products[name])

    def signer(self, stage: Stage) -> Signer:
        """Key that attests controls of ``stage``."""
        return self.keys.signer(ATTESTING_ROLE[stage])

    @property
    def products(self) -> Products:
        """Where what controls made is kept."""
        return Products(self.vault, self.columns)

    def _attests(self, stage: Stage, attested: Attested) -> bool:
        return ATTESTING_ROLE[stage] in attested.roles

    def _record(
        self, step: Step, examination: Examination, meter: Meter, stored: Mapping[str, Digest] | None = None
    ) -> Evidence:
        """Store what was made, unless it is ``stored``, sign what is said of it, and append that."""
        products = self._put(step.control.id, examination) if stored is None else stored
        evidence = self._evidence(step, examination, meter, products)
        evidence = self.book.append(evidence, self.signer(step.control.stage)).evidence
        self.listener.finished(evidence, False)
        return evidence

    def _latest(self, step: Step) -> Attested | None:
        """Return the control's latest word about the subject, or about anything where it makes its subject."""
        for attested in reversed(self.book.all()):
            evidence = attested.evidence
            if evidence.control.id != step.control.id:
                continue
            if step.makes or evidence.subject.digest == step.subject.digest:
                return attested
        return None

    def _put(self, control: str, examination: Examination) -> dict[str, Digest]:
        return {name: self.products.put(control, name, data) for name, data in examination.products.items()}

    def _evidence(self, step: Step, examination: Examination, meter: Meter, products: Mapping[str, Digest]) -> Evidence:
        subject = step.subject
        if step.makes and step.makes[0] in products:
            product, kind, name = step.makes
            subject = Subject(kind, name, products[product])
        return Evidence(
            control=reference_of(step.control),
            stage=step.control.stage,
            subject=subject,
            outcome=examination.outcome,
            at=self.clock(),
            measures={name: float(value) for name, value in examination.measures.items()},
            findings=_bounded((*examination.findings, *step.remarks())),
            materials={**examination.materials, **step.materials},
            products=products,
            price=meter.price(sum(len(data) for data in examination.products.values())),
        )


def reference_of(control: Control[Any]) -> ControlRef:
    """Id, version and digest of the settings of a configured control."""
    settings: Any = dataclasses.asdict(control)  # type: ignore[call-overload]  # the contract says: a dataclass
    return ControlRef(control.id, control.version, digest_of(settings))


def _examine(control: Control[Any], artifact: Any) -> Examination:
    try:
        return checked(control.examine(artifact))
    except SecmlopsError as error:
        return _stopped(error)
    except Exception as error:  # noqa: BLE001  # a broken control must leave evidence, whatever it threw
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
        message = f"the control crashed: {type(error).__name__}"  # its text may quote the data
        return _crash(Finding("control.crashed", Severity.ERROR, message, where, "this is a defect of the control"))


def _bounded(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the findings, worst first, cut where an entry of the ledger would become too large."""
    ordered = sorted(findings, key=lambda f: list(Severity).index(f.severity))
    if len(ordered) <= MAX_FINDINGS:
        return tuple(ordered)
    more = f"{len(ordered) - MAX_FINDINGS} more findings are not shown"
    return (*ordered[:MAX_FINDINGS], Finding("control.more", Severity.NOTE, more))


def _stopped(error: SecmlopsError) -> Examination:
    return _crash(Finding("control.stopped", Severity.ERROR, error.what, error.where, error.hint))


def _crash(finding: Finding) -> Examination:
    return Examination(Outcome.ERRORED, (finding,))


def total(evidence: list[Evidence]) -> Price:
    """Sum of the prices."""
    return sum((e.price for e in evidence), Price())
