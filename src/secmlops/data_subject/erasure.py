"""Erasing a person: their rows, everything that was made of them, and what models learnt from them.

The intent is in the ledger before anything is touched, every step can be done again, and the certificate comes last. So
whoever is interrupted, by kill -9 too, finishes with the same steps from the start.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from secmlops.access.data_access import OPERATOR
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.policy import Verdict
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.governance.settings import Meanwhile
from secmlops.data.sources.url import is_url
from secmlops.data_subject.certificate import Deeds, certificate_of
from secmlops.data_subject.destruction import (
    clear_unfinished,
    destroy_objects,
    doomed_digests,
    objects_there,
    revoke_releases,
)
from secmlops.data_subject.elsewhere import refuse_elsewhere
from secmlops.data_subject.forgetting import Forgetting
from secmlops.data_subject.holding import Holding, commitments_of, stored_sources, subject_column, table_files, table_of
from secmlops.data_subject.membership import membership_measures
from secmlops.data_subject.past import TRAINING, past_models
from secmlops.data_subject.record import (
    MEMBERSHIP,
    PERSON,
    PLAN_ENTRY,
    Intent,
    intent_of,
    pending_intents,
    said,
    waiting,
)
from secmlops.data_subject.rewriting import remove_unfinished, replace_file, without_rows
from secmlops.lifecycle.journey import SOURCE, Journey
from secmlops.lifecycle.publish import publish
from secmlops.lifecycle.releases import publications
from secmlops.lifecycle.run import StageResult, run
from secmlops.lifecycle.runner import Listener
from secmlops.lifecycle.sources import read_source
from secmlops.lifecycle.stages.training import entry_of, job_of
from secmlops.pipeline import journey_of
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Erased:
    """What became of one erasure: its certificate and its entry, or the gate that keeps it from being finished.

    ``revoked`` are the releases that were taken out of use while it waits.
    """

    intent: Intent
    certificate: Evidence | None = None
    entry: int | None = None
    shut: Verdict | None = None
    stage: Stage | None = None
    revoked: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self.certificate is not None and self.certificate.outcome is Outcome.PASSED


def erase_person(
    workspace: Workspace, holding: Holding, listener: Listener, *, by: str = OPERATOR, models: bool = True
) -> Erased:
    """Erase the person of ``holding``, of whom something is held, by the word of ``by``.

    ``models`` False makes no model in place of the old.

    Raises InputError when rows are in a source that is not written to from here, when another run is under way, and
    what a run raises; then, and when a gate is shut, the intent
    stays and ``finish_erasures`` goes on.
    """
    refuse_elsewhere(workspace.project.data.source, holding.elsewhere)
    with workspace.locked():
        held = (*holding.sources, *holding.protected)[0]
        subject = Subject(SubjectKind.DATASET, workspace.project.data.source, held.digest)
        intent = intent_of(holding, subject, by, workspace.clock())
        entry = workspace.book.append(intent, workspace.keys.signer(Role.ENGINEER)).index
        workspace.remember()
        (begun,) = (one for one in pending_intents(workspace.book.all()) if one.entry == entry)
        return _Erasure(workspace, begun, listener).carry_out(models=models)


def finish_erasures(workspace: Workspace, listener: Listener, *, models: bool = True) -> list[Erased]:
    """Finish every erasure that was begun and interrupted, oldest first; raises what ``erase_person`` raises."""
    with workspace.locked():
        pending = pending_intents(workspace.book.all())
        return [_Erasure(workspace, intent, listener).carry_out(models=models) for intent in pending]


class _Erasure:
    """The steps of one erasure."""

    def __init__(self, workspace: Workspace, intent: Intent, listener: Listener) -> None:
        self._workspace = workspace
        self._intent = intent
        self._listener = listener
        self._commitments = commitments_of(workspace)

    def carry_out(self, *, models: bool) -> Erased:
        for name in table_files(self._workspace):
            self._rewrite(name)
        until = self._reached()
        journey = None
        if models and until is not None:
            journey = journey_of(self._workspace, self._listener, afresh=True)
            journey.mending = self._forgetting.mended if self._forgetting else None
            results = run(journey, until)
            if not results[-1].verdict.open:
                return self._waiting(results[-1])
            if until is Stage.RELEASE:
                publish(journey, self._workspace.releases)
        return self._certify(journey)

    def _waiting(self, shut: StageResult) -> Erased:
        """Do with the earlier releases what the project says while no new model passes, and put it on record."""
        governance = self._workspace.project.data.governance
        revoked: tuple[str, ...] = ()
        if governance and governance.erasure is Meanwhile.REVOKE_RELEASE:
            revoked = revoke_releases(self._workspace, self._intent, None)
        self._append(waiting(self._intent, shut.stage, revoked, self._workspace.clock()))
        return Erased(self._intent, shut=shut.verdict, stage=shut.stage, revoked=revoked)

    def _certify(self, journey: Journey | None) -> Erased:
        seen = self._seen_before(journey)
        current = journey.model if journey else None
        revoked = revoke_releases(self._workspace, self._intent, current.digest if current else None)
        doomed = doomed_digests(self._workspace, self._intent)
        destroy_objects(self._workspace, objects_there(self._workspace, doomed))
        clear_unfinished(self._workspace, self._intent)
        deeds = Deeds(
            after_source=journey.raw.digest if journey else self._source_digest(),
            after_model=current.digest if current else None,
            training=journey.evidence.get(TRAINING) if journey else None,
            revoked=revoked,
            destroyed=doomed,
            left=tuple(objects_there(self._workspace, doomed)),
            left_rows=self._left_rows(),
            seen=seen,
        )
        certificate = certificate_of(self._intent, deeds, self._workspace.clock())
        entry = self._append(certificate)
        return Erased(self._intent, certificate, entry)

    def _rewrite(self, name: str) -> None:
        remove_unfinished(self._workspace.folder / name)
        data = read_source(self._workspace.folder, name)
        column, table = subject_column(self._workspace), table_of(data, name)
        if column in table.column_names:
            theirs = self._commitments.rows(table[column], self._intent.person)
            if theirs.any():
                replace_file(self._workspace.folder / name, without_rows(data, theirs, name))

    def _reached(self) -> Stage | None:
        """Last stage that was reached with a table that had the person in it; None where nothing was run."""
        if not self._intent.sources:
            return None
        if not self._intent.models:
            return Stage.DATA
        history = publications(self._workspace.book, self._workspace.project.name)
        return Stage.RELEASE if any(p.model in self._intent.models for p in history) else Stage.TRAINING

    def _seen_before(self, journey: Journey | None) -> Evidence:
        """Look at both models before anything is destroyed, and put it on record; on a later start, read it there."""
        for attested in self._workspace.book.all():
            evidence = attested.evidence
            if evidence.control.id == MEMBERSHIP and evidence.measures.get(PLAN_ENTRY) == self._intent.entry:
                return evidence
        measures, findings = self._looked(journey) if journey and journey.model else ({}, ())
        materials = {PERSON: self._intent.person}
        measures[PLAN_ENTRY] = float(self._intent.entry)
        evidence = said(MEMBERSHIP, self._intent.subject, self._workspace.clock(), materials, measures)
        evidence = replace(evidence, findings=findings)
        self._append(evidence)
        return evidence

    def _looked(self, journey: Journey) -> tuple[dict[str, float], tuple[Finding, ...]]:
        """Membership inference against both models, and the ways from the one to the other."""
        forgetting = self._forgetting
        if forgetting is None:
            return {}, ()
        job = job_of(journey, entry_of(journey))
        ways = forgetting.ways(job, journey.evidence[TRAINING].materials)
        findings = tuple(Finding("erasure.way", Severity.NOTE, str(way)) for way in ways)
        past, before = forgetting.past, forgetting.before
        return membership_measures(past, before, journey, self._commitments, self._intent.person), findings

    @cached_property
    def _forgetting(self) -> Forgetting | None:
        """The latest model that may have learnt from the person and can be looked at; None where there is none."""
        pasts = [p for p in past_models(list(self._workspace.book.all())) if p.source in self._intent.sources]
        for past in reversed(pasts):
            try:
                return Forgetting(past, past.journey(self._workspace))
            except InputError:  # destroyed earlier, when its time was over
                continue
        return None

    def _left_rows(self) -> int:
        workspace = self._workspace
        tables = [read_source(workspace.folder, name) for name in table_files(workspace)]
        tables += [workspace.vault.read(digest, SOURCE) for digest in stored_sources(workspace)]
        column, left = subject_column(workspace), 0
        for data in tables:
            table = table_of(data, "table")
            if column in table.column_names:
                left += int(self._commitments.rows(table[column], self._intent.person).sum())
        return left

    def _source_digest(self) -> Digest | None:
        name = self._workspace.project.data.source
        there = not is_url(name) and (self._workspace.folder / name).exists()
        return Digest.of(read_source(self._workspace.folder, name)) if there else None

    def _append(self, evidence: Evidence) -> int:
        entry = self._workspace.book.append(evidence, self._workspace.keys.signer(Role.ENGINEER)).index
        self._workspace.remember()
        return entry
