"""Publishing: once the release gate is open, everything that proves it is written into one signed folder."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from secmlops.core.digest import Digest
from secmlops.core.errors import GateShutError, VerificationError
from secmlops.core.json import Json
from secmlops.core.policy import Attested
from secmlops.ledger.book import EvidenceBook
from secmlops.ledger.log import Ledger
from secmlops.ledger.receipt import Receipt
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.releases import (
    PUBLISH_CONTROL,
    Publication,
    next_version,
    publication_of,
    publications,
    published_release,
    revoked_as,
)
from secmlops.lifecycle.sealed import KINDS, SEALED_SUFFIX, opened_files
from secmlops.release.bundle import Release, ReleaseParts, read_release, write_release
from secmlops.release.names import GATE_CONTROL, MODEL_FILE, SIGNATURE_FILE
from secmlops.release.verify import Check, verify_release
from secmlops.trust import dsse
from secmlops.trust.roles import KeyRing, Role
from secmlops.trust.statement import PAYLOAD_TYPE


@dataclass(frozen=True, slots=True)
class Published:
    """A release on disk, and whether this run made it or found it already there.

    ``same_as`` is the earlier release with the same model, where this one was made although there was one: a verdict
    of the gate came since, and a release rests on the newest.
    """

    folder: Path
    name: str
    version: str
    model: Digest
    fresh: bool
    same_as: str = ""

    def to_json(self) -> dict[str, Json]:
        """Return what the JSON output tells of it."""
        return {
            "folder": str(self.folder),
            "name": self.name,
            "version": self.version,
            "model": str(self.model),
            "fresh": self.fresh,
            "same_as": self.same_as,
        }


def publish(journey: Journey, releases: Path) -> Published:
    """Write the release of the journey's model, or find the one that was published under the same verdict.

    Either is read back and verified as a whole before it counts. Raises VerificationError when it does not hold; one
    that does not only because a key was revoked since, the log's or the model's, is published anew. Raises
    GateShutError for a model that was revoked under another name: nobody takes that back by running again.
    """
    book, name = journey.runner.book, journey.project.name
    if revoked := revoked_as(book, journey.evidence["training.run"].subject.digest):
        hint = "change what was wrong, the data or the training, and run again"
        raise GateShutError("this very model was revoked", where=revoked, hint=hint)
    attested = _about(journey)
    verdict = next(a for a in reversed(attested) if a.evidence.control.id == GATE_CONTROL)
    verdict_digest = Digest.of(book.ledger.entry(verdict.index).data)
    history = publications(book, name)
    if history and history[-1].verdict == verdict_digest and (releases / history[-1].folder).exists():
        release = published_release(book, releases, name)
        if not _revoked(journey, release):
            _check(journey, release)
            return _published(releases, release, fresh=False)
    parts = _parts(journey, attested, verdict_digest, str(next_version(history, releases, name)))
    release = read_release(write_release(releases, parts, journey.runner.keys.signer(Role.RELEASER)))
    _check(journey, release)
    book.append(publication_of(release), journey.runner.keys.signer(Role.RELEASER))
    return dataclasses.replace(_published(releases, release, fresh=True), same_as=_twin(book, history, release))


def _twin(book: EvidenceBook, history: Sequence[Publication], release: Release) -> str:
    """Return the latest earlier publication with the same model; empty when there is none."""
    models = {
        a.evidence.subject.digest: a.evidence.materials.get("model")
        for a in book.all()
        if a.evidence.control.id == PUBLISH_CONTROL
    }
    return next((p.folder for p in reversed(history) if models.get(p.envelope) == release.manifest.model), "")


def _revoked(journey: Journey, release: Release) -> bool:
    """Whether the release would hold had no key been revoked, and does not."""
    ring = journey.runner.keys.ring()
    return _failed(journey, release, ring) is not None and _failed(journey, release, ring.revoking_none()) is None


def _failed(journey: Journey, release: Release, ring: KeyRing) -> Check | None:
    """First check of the release that does not hold."""
    runner = journey.runner
    opened = opened_files(release, runner.vault)
    checks = verify_release(release, ring, origin=runner.book.ledger.origin, opened=opened)
    return next((check for check in checks if not check.ok), None)


def _check(journey: Journey, release: Release) -> None:
    failed = _failed(journey, release, journey.runner.keys.ring())
    if failed:
        hint = "secmlops verify tells more; move the folder away and run again to publish anew"
        raise VerificationError(f"{failed.name}: {failed.detail}", where=release.manifest.folder, hint=hint)


def _published(releases: Path, release: Release, *, fresh: bool) -> Published:
    manifest = release.manifest
    return Published(releases / manifest.folder, manifest.name, manifest.version, manifest.model, fresh)


def _about(journey: Journey) -> list[Attested]:
    """Evidence on which the journey rests, in the order of the ledger, with the verdicts of its gates that count."""
    ours = list(journey.evidence.values())
    digests = set(journey.subjects.values())
    return [
        a
        for a in journey.runner.book.all()
        if a.roles
        and (a.evidence in ours or (a.evidence.control.id.startswith("gate.") and a.evidence.subject.digest in digests))
    ]


def _parts(journey: Journey, attested: Sequence[Attested], verdict: Digest, version: str) -> ReleaseParts:
    runner = journey.runner
    training, ledger = journey.evidence["training.run"], runner.book.ledger
    signature = runner.vault.put(journey.prepared.signature.to_json(), KINDS[SIGNATURE_FILE])
    optional = journey.optional_files
    opened = {MODEL_FILE: training.subject.digest, SIGNATURE_FILE: signature, **optional}
    receipts, checkpoint = _receipts(ledger, [a.index for a in attested])
    return ReleaseParts(
        name=journey.project.name,
        version=version,
        model=training.subject.digest,
        signature=signature,
        optional=optional,
        sealed={name + SEALED_SUFFIX: runner.vault.sealed(digest, KINDS[name]) for name, digest in opened.items()},
        model_signature=journey.product("release.sign", "model.sig"),
        bill=journey.product("release.bom", "bom"),
        provenance=dsse.sign(
            PAYLOAD_TYPE, journey.product("release.provenance", "provenance"), runner.keys.signer(Role.RELEASER)
        ).to_json(),
        evidence=tuple(ledger.entry(a.index).data for a in attested),
        receipts=receipts,
        checkpoint=checkpoint,
        ring=runner.keys.ring(),
        verdict=verdict,
        origin=ledger.origin,
        at=runner.clock(),
    )


def _receipts(ledger: Ledger, indices: Sequence[int]) -> tuple[tuple[str, ...], bytes]:
    """Receipts of the entries, all under one checkpoint, although others may append meanwhile."""
    while True:
        receipts = tuple(ledger.receipt(index) for index in indices)
        checkpoints = {Receipt.parse(text).checkpoint for text in receipts}
        if len(checkpoints) == 1:
            return receipts, checkpoints.pop()
