"""Verifying a release: every check that can be made of its bytes, offline, with the verifier's own key ring."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from secmlops.core.errors import SecmlopsError, VerificationError
from secmlops.release.bundle import Release
from secmlops.release.cyclonedx import check_bill
from secmlops.release.evidence_checks import EvidenceChecks
from secmlops.release.manifest import Manifest
from secmlops.release.model_checks import model_bytes, model_signature
from secmlops.release.names import BILL_FILE, MANIFEST_CONTROL, PROVENANCE_FILE, PROVENANCE_TYPE, RING_FILE
from secmlops.trust import dsse
from secmlops.trust.roles import KeyRing, Role
from secmlops.trust.statement import PAYLOAD_TYPE, STATEMENT_TYPE


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked, whether it holds, and what was seen. What could not be checked does not hold."""

    name: str
    ok: bool
    detail: str


def verify_release(
    release: Release, ring: KeyRing, *, origin: str | None = None, opened: Mapping[str, bytes] | None = None
) -> tuple[Check, ...]:
    """Every check of a release, in a fixed order. A release is to be trusted when all of them hold, and not before.

    ``ring`` holds the keys the verifier trusts; the ring inside the release is never believed. ``origin`` is the ledger
    the evidence must lie in; None takes the one in the manifest. ``opened`` are the decrypted ``model.onnx``,
    ``signature.json`` and optional files: without them the check ``model bytes`` does not hold, since nobody has looked
    at them.
    """
    said = release.manifest
    evidence = EvidenceChecks(release, ring, said.origin if origin is None else origin)
    checks: Mapping[str, Callable[[], str]] = {
        "manifest signature": lambda: _manifest(release, ring),
        "files": lambda: _files(release),
        "model signature": lambda: f"signed by model key {model_signature(release, ring).key_id[:12]}",
        "model bytes": lambda: f"{model_bytes(release, ring, opened)} bytes as signed",
        "evidence": evidence.evidence,
        "verdict": evidence.verdict,
        "checkpoint": evidence.checkpoint,
        "receipts": evidence.receipts,
        "provenance": lambda: _provenance(release, ring, evidence),
        "bill of materials": lambda: _bill(release, evidence),
        "key ring": lambda: _key_ring(release, ring),
    }
    return tuple(_checked(name, check) for name, check in checks.items())


def _checked(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, True, check())
    except SecmlopsError as error:
        return Check(name, False, str(error))


def _manifest(release: Release, ring: KeyRing) -> str:
    if Manifest.claimed(release.envelope) != release.manifest:
        raise VerificationError("the manifest is not the one in its envelope")
    return f"signed by releaser {_releaser(release.envelope, release.manifest, ring)[:12]}"


def _releaser(envelope: bytes, said: Manifest, ring: KeyRing) -> str:
    """Key id of a releaser whose signature holds, and who was one when the release was made."""
    read = dsse.Envelope.from_json(envelope)
    if read.payload_type != PAYLOAD_TYPE:
        raise VerificationError("an envelope of another payload type than in-toto statements have")
    for key in dsse.verify(read, ring.keys(Role.RELEASER)):
        if ring.roles_for(key.key_id, MANIFEST_CONTROL, said.at):
            return key.key_id
    raise VerificationError("signed by a key that was no releaser's when the release was made")


def _files(release: Release) -> str:
    release.check_digests()
    return f"{len(release.files)} files as in the manifest"


class _Subject(msgspec.Struct):
    digest: dict[str, str]


class _Statement(msgspec.Struct):
    type: str = msgspec.field(name="_type")
    subject: tuple[_Subject, ...]
    predicate_type: str = msgspec.field(name="predicateType")


def _provenance(release: Release, ring: KeyRing, evidence: EvidenceChecks) -> str:
    envelope = release.files[PROVENANCE_FILE]
    signer = _releaser(envelope, release.manifest, ring)
    payload = dsse.Envelope.from_json(envelope).payload
    try:
        said = msgspec.json.decode(payload, type=_Statement)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise VerificationError(f"not an in-toto statement: {error}") from None
    if (said.type, said.predicate_type) != (STATEMENT_TYPE, PROVENANCE_TYPE):
        raise VerificationError("a statement of another type than SLSA provenance v1")
    if [s.digest for s in said.subject] != [{"sha256": release.manifest.model.hex}]:
        raise VerificationError("provenance of another model")
    evidence.made("release.provenance", "provenance", payload)
    return f"of this model, signed by releaser {signer[:12]}"


def _bill(release: Release, evidence: EvidenceChecks) -> str:
    check_bill(release.files[BILL_FILE], release.manifest.model)
    evidence.made("release.bom", "bom", release.files[BILL_FILE])
    return "CycloneDX, of this model"


def _key_ring(release: Release, ring: KeyRing) -> str:
    enclosed = KeyRing.from_json(release.files[RING_FILE])
    known = [(theirs, mine) for theirs in enclosed.entries if (mine := ring.find(theirs.key.key_id))]
    if any(mine.role is not theirs.role for theirs, mine in known):
        raise VerificationError("the enclosed ring gives a trusted key another role", where=RING_FILE)
    return f"{len(known)} of {len(enclosed.entries)} enclosed keys are trusted here"
