"""What is put on record about a person's request: the intent, the answer, the certificate; never the name.

Evidence names the person by a keyed commitment. An intent is in the ledger before anything is touched, and is pending
until a certificate names its entry: so whoever is interrupted finishes later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from secmlops.core.counting import counted
from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.policy import Attested
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data_subject.holding import Holding
from secmlops.trust.canonical import digest_of

INTENT, MEMBERSHIP, CERTIFICATE = "data.erasure-intent", "data.erasure-membership", "data.erasure"
WAITING = "data.erasure-waiting"
EXPORT, FIND, NOTHING = "data.subject-export", "data.subject-find", "data.subject-nothing"
PERSON, PLAN_ENTRY, UNREAD = "person", "intent_entry", "unread_tables"


@dataclass(frozen=True, slots=True)
class Intent:
    """An erasure that was begun: its entry, the person, the tables, and the models that were made of them.

    ``sources`` are tables in the vault as they were delivered, ``tables`` protected ones, whose source may never have
    been there: it was protected in parts. ``unread`` counts tables that could not be searched for the person.
    """

    entry: int
    person: Digest
    files: tuple[Digest, ...]
    sources: tuple[Digest, ...]
    tables: tuple[Digest, ...]
    models: tuple[Digest, ...]
    rows: int
    unread: int
    subject: Subject


def intent_of(holding: Holding, subject: Subject, by: str, at: datetime) -> Evidence:
    """Evidence of what is to be erased, and by whose word."""
    models = holding.models
    told = f"{len(holding.sources)} tables, {len(holding.derived)} things made of them, {len(models)} models"
    evidence = said(
        INTENT,
        subject,
        at,
        materials={
            PERSON: holding.person,
            **_numbered("file", (held.digest for held in holding.files)),
            **_numbered("source", holding.stored),
            **_numbered("table", (held.digest for held in holding.protected)),
            **_numbered("model", dict.fromkeys(held.past.model for held in models)),
        },
        measures={
            "rows": float(max((held.rows for held in (*holding.sources, *holding.protected)), default=0)),
            "learnt_models": float(sum(held.learnt != 0 for held in models)),
            UNREAD: float(len(holding.unread)),
            "unsure_models": float(sum(held.learnt is None for held in models)),
        },
    )
    finding = Finding("erasure.intent", Severity.NOTE, f"to be erased by {by}: {told}")
    return replace(evidence, findings=(finding,))


def pending_intents(evidence: Iterable[Attested]) -> list[Intent]:
    """Erasures that were begun and have no certificate, oldest first."""
    told = [a for a in evidence if a.roles]
    certificates = [a.evidence for a in told if a.evidence.control.id == CERTIFICATE]
    done = {e.measures.get(PLAN_ENTRY) for e in certificates if e.outcome is Outcome.PASSED}
    return [_intent(a) for a in told if a.evidence.control.id == INTENT and float(a.index) not in done]


def found(holding: Holding, project: Subject, by: str, at: datetime) -> Evidence:
    """Evidence that somebody looked a person up."""
    finding = Finding("subject.found", Severity.NOTE, f"looked up by {by}")
    return replace(said(FIND, project, at, {PERSON: holding.person}, {}), findings=(finding,))


def refused(person: Digest | None, project: Subject, why: str, at: datetime) -> Evidence:
    """Evidence that somebody asked about a person, or about all, and was told nothing."""
    finding = Finding("subject.refused", Severity.ERROR, why)
    evidence = said(FIND, project, at, {PERSON: person} if person else {}, {})
    return replace(evidence, findings=(finding,), outcome=Outcome.FAILED)


def waiting(intent: Intent, stage: Stage, revoked: tuple[str, ...], at: datetime) -> Evidence:
    """Evidence that an erasure waits for a gate to open, and what became of the earlier releases meanwhile."""
    kept = f"{', '.join(revoked)} revoked" if revoked else "no release was revoked for it"
    finding = Finding("erasure.waiting", Severity.ERROR, f"the gate of stage {stage} is shut for a new model; {kept}")
    evidence = said(WAITING, intent.subject, at, {PERSON: intent.person}, {PLAN_ENTRY: float(intent.entry)})
    return replace(evidence, outcome=Outcome.FAILED, findings=(finding,))


def nothing_held(holding: Holding, project: Subject, by: str, at: datetime) -> Evidence:
    """Evidence that a person was asked about of whom nothing is held, as far as the tables could be searched."""
    unread = len(holding.unread)
    told = f"nothing is held on the person, as {by} was told"
    finding = Finding("subject.nothing", Severity.NOTE, told)
    if unread:
        told = f"{told}, in the tables that could be searched; {counted(unread, 'table')} could not"
        finding = Finding("subject.nothing", Severity.WARNING, told)
    measures = {"rows": 0.0, UNREAD: float(unread)}
    return replace(said(NOTHING, project, at, {PERSON: holding.person}, measures), findings=(finding,))


def exported(holding: Holding, project: Subject, by: str, at: datetime) -> Evidence:
    """Evidence that a copy of a person's data was given out."""
    rows = sum(held.rows for held in holding.sources) + holding.elsewhere
    tables = len(holding.sources) + bool(holding.elsewhere)
    unread = len(holding.unread)
    told = f"{counted(rows, 'row')} in {counted(tables, 'table')}, to {by}"
    finding = Finding("subject.exported", Severity.NOTE, told)
    if unread:
        finding = replace(finding, severity=Severity.WARNING, message=f"{told}; {unread} more could not be searched")
    evidence = said(EXPORT, project, at, {PERSON: holding.person}, {"rows": float(rows), UNREAD: float(unread)})
    return replace(evidence, findings=(finding,))


def said(
    control: str,
    subject: Subject,
    at: datetime,
    materials: Mapping[str, Digest],
    measures: Mapping[str, float],
) -> Evidence:
    """Evidence of something that was done for a person."""
    return Evidence(
        control=ControlRef(control, "1", digest_of({})),
        stage=Stage.DATA,
        subject=subject,
        outcome=Outcome.PASSED,
        at=at,
        measures=measures,
        materials=materials,
    )


def project_subject(name: str, identity: str) -> Subject:
    """The project as such, for what is about no table of it."""
    return Subject(SubjectKind.PROJECT, name, Digest.of(identity.encode()))


def _intent(attested: Attested) -> Intent:
    materials = attested.evidence.materials

    def named(role: str) -> tuple[Digest, ...]:
        return tuple(digest for name, digest in materials.items() if name.startswith(f"{role} "))

    return Intent(
        entry=attested.index,
        person=materials[PERSON],
        files=named("file"),
        sources=named("source"),
        tables=named("table"),
        models=named("model"),
        rows=int(attested.evidence.measures.get("rows", 0)),
        unread=int(attested.evidence.measures.get(UNREAD, 0)),
        subject=attested.evidence.subject,
    )


def _numbered(role: str, digests: Iterable[Digest]) -> dict[str, Digest]:
    return {f"{role} {digest.short}": digest for digest in digests}
