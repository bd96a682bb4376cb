"""The releases of a project, by the word of the ledger: a folder that was never published there is no release."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.policy import Attested
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.ledger.book import EvidenceBook
from secmlops.release.bundle import Release, read_release
from secmlops.release.names import GATE_CONTROL
from secmlops.trust.canonical import digest_of

PUBLISH_CONTROL = "release.publish"
REVOKE_CONTROL = "release.revoke"


@dataclass(frozen=True, slots=True)
class Publication:
    """A release as the ledger names it: its folder, its signed manifest, the verdict it rests on, and its model."""

    folder: str
    envelope: Digest
    verdict: Digest
    model: Digest


def publications(book: EvidenceBook, name: str) -> list[Publication]:
    """Publications of the project ``name``, oldest first."""
    return [
        Publication(
            a.evidence.subject.name,
            a.evidence.subject.digest,
            a.evidence.materials["verdict"],
            a.evidence.materials["model"],
        )
        for a in book.all()
        if a.roles and a.evidence.control.id == PUBLISH_CONTROL and _number(a.evidence.subject.name, name)
    ]


def publication_of(release: Release) -> Evidence:
    """Evidence that ``release`` was published."""
    manifest = release.manifest
    return Evidence(
        control=ControlRef(PUBLISH_CONTROL, "1", digest_of({})),
        stage=Stage.RELEASE,
        subject=Subject(SubjectKind.RELEASE, manifest.folder, Digest.of(release.envelope)),
        outcome=Outcome.PASSED,
        at=manifest.at,
        materials={"verdict": manifest.verdict, "model": manifest.model},
    )


def published_release(book: EvidenceBook, releases: Path, project: str, folder: str | None = None) -> Release:
    """Release that was published as ``folder``, or the latest one.

    Raises InputError when there is none, and VerificationError when the folder holds another release than was
    published under that name: an older one put back, or one that was never published.
    """
    history = publications(book, project)
    if not history:
        raise InputError("there is no release yet", where=str(releases.parent), hint="secmlops run makes one")
    found = history[-1] if folder is None else next((p for p in reversed(history) if p.folder == folder), None)
    if found is None:
        hint = f"published: {', '.join(p.folder for p in history[-5:])}"
        raise InputError(f"{folder} was never published here", where=str(releases), hint=hint)
    release = read_release(releases / found.folder)
    if Digest.of(release.envelope) != found.envelope:
        hint = "another release was put in its place; secmlops run publishes anew"
        raise VerificationError("not the release that was published under this name", where=found.folder, hint=hint)
    return release


def next_version(history: list[Publication], releases: Path, name: str) -> int:
    """Return the number after the highest one that was published or that a folder bears."""
    folders = [p.folder for p in history] + [path.name for path in releases.glob(f"{name}-*")]
    return 1 + max((_number(folder, name) for folder in folders), default=0)


def _number(folder: str, name: str) -> int:
    """Return the number of a release of ``name`` (``credit-7`` of ``credit``: 7), or 0 for the folder of another."""
    found = re.fullmatch(rf"{re.escape(name)}-([1-9][0-9]{{0,8}})", folder)
    return int(found[1]) if found else 0


def revocation_of(publication: Publication, reason: str, at: datetime) -> Evidence:
    """Evidence that a release must not be used any more, even where its files are gone."""
    return Evidence(
        control=ControlRef(REVOKE_CONTROL, "1", digest_of({})),
        stage=Stage.RELEASE,
        subject=Subject(SubjectKind.RELEASE, publication.folder, publication.envelope),
        outcome=Outcome.FAILED,
        at=at,
        findings=(Finding(REVOKE_CONTROL, Severity.ERROR, reason, publication.folder),),
        materials={"model": publication.model},
    )


def obstacle_to(book: EvidenceBook, release: Digest, model: Digest) -> str:
    """Why this release may not be used, by what the ledger says now: revoked, or its gate shut since; else nothing.

    A release that was revoked stays so when the key that said it is revoked. A verdict or a publication by a revoked
    key is none, and no earlier one takes its place.
    """
    verdict: Attested | None = None
    published: Attested | None = None
    for attested in book.all():
        evidence = attested.evidence
        if not (attested.roles or attested.revoked):
            continue
        if evidence.control.id == REVOKE_CONTROL and evidence.subject.digest == release:
            return f"revoked {evidence.at:%Y-%m-%d %H:%M} UTC: {evidence.findings[0].message}"
        if evidence.control.id == GATE_CONTROL and model in {evidence.subject.digest, *evidence.materials.values()}:
            verdict = attested
        if evidence.control.id == PUBLISH_CONTROL and evidence.subject.digest == release:
            published = attested
    if published is not None and published.revoked:
        return "it was published with a key that was revoked"
    return _obstacle_of(verdict)


def revoked_as(book: EvidenceBook, model: Digest) -> str:
    """Name of a release that was revoked and holds this very model, with the reason; empty when there is none."""
    for attested in book.all():
        evidence = attested.evidence
        said = evidence.control.id == REVOKE_CONTROL and (attested.roles or attested.revoked)
        if said and evidence.materials.get("model") == model:
            return f"{evidence.subject.name}: {evidence.findings[0].message}"
    return ""


def _obstacle_of(verdict: Attested | None) -> str:
    """Why the latest verdict about a model does not let it through, or the empty text."""
    if verdict is None:
        return "this ledger knows no verdict about the model"
    if verdict.revoked:
        return "the gate's verdict about this model was signed with a key that was revoked"
    if verdict.evidence.outcome is not Outcome.PASSED:
        return f"the gate has been shut for this model since {verdict.evidence.at:%Y-%m-%d %H:%M} UTC"
    return ""
