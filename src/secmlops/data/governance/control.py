"""The control data.governance: the data are used for what they may be used for, and not longer than that."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from secmlops.core.control import Examination
from secmlops.core.counting import counted
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.data.governance.settings import GovernanceRecord, LegalBasis, Sensitivity


@dataclass(frozen=True, slots=True)
class GovernedUse:
    """What is on record of the data, and what is to be done with them.

    ``rows`` may be learnt from; ``refused``, ``withdrawn`` and ``unknown`` are counted as ``Consented`` does. ``age``
    is the days since the ledger first knew the data, ``clock_behind`` those by which this machine's clock is behind the
    latest entry, whose time then counts, ``retention`` the days they may stay. ``personal`` columns of them
    hold personal data. ``listed`` subjects withdrew their consent, and at most ``listed_before`` did in an earlier run.
    """

    record: GovernanceRecord | None
    purpose: str | None
    rows: int
    refused: int = 0
    withdrawn: int = 0
    unknown: int = 0
    age: float = 0.0
    clock_behind: float = 0.0
    retention: float = 0.0
    personal: int = 0
    listed: int = 0
    listed_before: int = 0


@dataclass(frozen=True, slots=True)
class Governance:
    """Purpose, legal basis, consent and retention of the data, held against the use that is made of them.

    Error: ``training.purpose`` is none of the purposes on record, or there is one without the other; the data are kept
    for longer than their retention; they are said to be of no person while columns hold personal data. Warning: nothing
    is on record; the clock is behind the ledger; consent is the basis, and nothing tells who withdrew it; fewer
    subjects are listed than in an earlier run; the data are said to be public while columns hold personal data. Note:
    rows that nobody learns from, listed subjects without a row.

    Measures: ``declared`` and ``purpose_matches`` (1 or 0), ``rows``, ``refused_rows``, ``withdrawn_rows``,
    ``unknown_subjects``, ``listed_subjects`` (who withdrew their consent), ``age_days``, and with a record
    ``retention_days``.
    """

    id: ClassVar[str] = "data.governance"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.DATA
    threats: ClassVar[tuple[str, ...]] = ()

    def examine(self, artifact: GovernedUse, /) -> Examination:
        """Hold the use against the record."""
        record = artifact.record
        findings = (
            *_purpose(artifact),
            *_left_out(artifact),
            *_forgotten(artifact),
            *(_on_record(record, artifact) if record else ()),
        )
        measures = {
            "declared": float(record is not None),
            "purpose_matches": float(record is not None and artifact.purpose in record.purpose),
            "rows": float(artifact.rows),
            "refused_rows": float(artifact.refused),
            "withdrawn_rows": float(artifact.withdrawn),
            "unknown_subjects": float(artifact.unknown),
            "listed_subjects": float(artifact.listed),
            "age_days": artifact.age,
            **({"retention_days": artifact.retention} if record else {}),
        }
        return Examination.judged(findings, measures)


def _purpose(use: GovernedUse) -> Iterator[Finding]:
    if use.record is None:
        if use.purpose is not None:
            told, advice = "nothing says that the data may be used for this purpose", "add data.governance"
            yield Finding("governance.purpose", Severity.ERROR, told, "training.purpose", advice)
            return
        told = "nothing says what the data may be used for, by whose right, and for how long"
        yield Finding("governance.undeclared", Severity.WARNING, told, hint="add data.governance to the project file")
    elif use.purpose is None:
        told, advice = "the data are bound to a purpose, and training names none", "add training.purpose"
        yield Finding("governance.purpose", Severity.ERROR, told, "data.governance.purpose", advice)
    elif use.purpose not in use.record.purpose:
        told = f"the data may be used for {', '.join(use.record.purpose)}, and not for {use.purpose}"
        advice = "ask who answers for the data: another purpose needs a basis of its own (GDPR, article 6(4))"
        yield Finding("governance.purpose", Severity.ERROR, told, "training.purpose", advice)


def _left_out(use: GovernedUse) -> Iterator[Finding]:
    for count, told in ((use.refused, "without consent"), (use.withdrawn, "of subjects who withdrew their consent")):
        if count:
            yield Finding(
                "governance.consent", Severity.NOTE, f"{counted(count, 'row')} {told}: nobody learns from them"
            )

    if use.unknown:
        told = f"{counted(use.unknown, 'listed subject')} without a row"
        advice = "nobody by that name, or written otherwise than in the table?"
        yield Finding("governance.unknown", Severity.NOTE, told, "data.governance.consent.withdrawn", advice)


def _forgotten(use: GovernedUse) -> Iterator[Finding]:
    if use.listed < use.listed_before:
        told = (
            f"{use.listed:,} subjects are listed as having withdrawn their consent, {use.listed_before:,} were before"
        )
        advice = "restore the list, unless they gave it again"
        yield Finding("governance.withdrawals", Severity.WARNING, told, "data.governance.consent.withdrawn", advice)


def _on_record(record: GovernanceRecord, use: GovernedUse) -> Iterator[Finding]:
    if use.clock_behind:
        told = f"the clock is {use.clock_behind:.1f} days behind the latest entry of the ledger, whose time counts"
        yield Finding("governance.clock", Severity.WARNING, told, hint="set the clock")
    if use.age > use.retention:
        told = f"kept for {use.age:.0f} days, {use.retention:.0f} are allowed"
        advice = "secmlops data retention --delete --yes destroys them"
        yield Finding("governance.retention", Severity.ERROR, told, "data.governance.retention", advice)
    if record.legal_basis is LegalBasis.NOT_PERSONAL and use.personal:
        told = f"the data are said to be of no person, and {counted(use.personal, 'column')} of them hold personal data"
        yield Finding("governance.basis", Severity.ERROR, told, "data.governance.legal_basis", "name the legal basis")
    if record.sensitivity is Sensitivity.PUBLIC and use.personal:
        told = f"the data are said to be public, and {counted(use.personal, 'column')} of them hold personal data"
        yield Finding("governance.sensitivity", Severity.WARNING, told, "data.governance.sensitivity")
    consent = record.consent
    if record.legal_basis is LegalBasis.CONSENT and (consent is None or not (consent.column or consent.withdrawn)):
        told = "consent is the basis, and nothing tells who withdrew it"
        advice = "name consent.column or consent.withdrawn"
        yield Finding("governance.consent", Severity.WARNING, told, "data.governance.consent", advice)
