"""Signed evidence: a piece of evidence as an in-toto Statement in a DSSE envelope, and back, exactly."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.core.evidence import ControlRef, Evidence, Outcome, Price
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.trust import dsse
from secmlops.trust.keys import Signer
from secmlops.trust.moment import read_moment, write_moment
from secmlops.trust.roles import KeyRing
from secmlops.trust.statement import PAYLOAD_TYPE, STATEMENT_TYPE, attest_statement, statement

EVIDENCE_TYPE = "urn:secmlops:evidence:v1"


@dataclass(frozen=True, slots=True)
class Verified:
    """Evidence whose signature holds. ``roles`` are those in which its key may attest the control: empty when none."""

    evidence: Evidence
    roles: frozenset[str]
    key_id: str


class _ControlJson(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    version: str
    settings: str


class _FindingJson(msgspec.Struct, forbid_unknown_fields=True):
    rule: str
    severity: Severity
    message: str
    where: str
    hint: str


class _PriceJson(msgspec.Struct, forbid_unknown_fields=True):
    wall_s: float
    cpu_s: float
    peak_bytes: int
    produced_bytes: int


class _PredicateJson(msgspec.Struct, forbid_unknown_fields=True):
    control: _ControlJson
    stage: Stage
    kind: SubjectKind
    outcome: Outcome
    at: str
    measures: dict[str, float]
    findings: list[_FindingJson]
    materials: dict[str, str]
    products: dict[str, str]
    price: _PriceJson


class _Sha256Json(msgspec.Struct, forbid_unknown_fields=True):
    sha256: str


class _SubjectJson(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    digest: _Sha256Json


class _StatementJson(msgspec.Struct, forbid_unknown_fields=True):
    type: str = msgspec.field(name="_type")
    subject: list[_SubjectJson]
    predicate_type: str = msgspec.field(name="predicateType")
    predicate: _PredicateJson


def attest(evidence: Evidence, signer: Signer) -> bytes:
    """Canonical JSON of a DSSE envelope over ``evidence``, signed; raises InputError for what JSON cannot say."""
    return attest_statement(EVIDENCE_TYPE, _subjects(evidence), _predicate(evidence), signer)


def read_attestation(data: bytes, ring: KeyRing) -> Verified:
    """Evidence that ``attest`` signed with a key of ``ring``: first verified, then read from the very bytes verified.

    Raises VerificationError for a signature that does not hold, a key that is not in the ring, and bytes that are not
    the one form in which such evidence is written. A key that is in the ring but may not attest this control, at this
    moment or at all (revoked), gives evidence with no roles. The key hint, which DSSE leaves unsigned, has to be right:
    one piece of evidence has one form.
    """
    envelope = dsse.Envelope.from_json(data)
    if len(envelope.signatures) != 1 or envelope.to_json() != data:
        raise VerificationError("not an attestation in canonical form, with one signature")
    if envelope.payload_type != PAYLOAD_TYPE:
        raise VerificationError("an envelope of another payload type than in-toto statements have")
    entry = ring.find(envelope.signatures[0].key_id)
    if entry is None:
        raise VerificationError("signed by a key that is not in the key ring", hint="enrol the key, or trust it not")
    (key,) = dsse.verify(envelope, (entry.key,))
    evidence = _read(envelope.payload)
    return Verified(evidence, ring.roles_for(key.key_id, evidence.control.id, evidence.at), key.key_id)


def _read(payload: bytes) -> Evidence:
    try:
        read = msgspec.json.decode(payload, type=_StatementJson)
        evidence = _evidence(read)
        exact = statement(EVIDENCE_TYPE, _subjects(evidence), _predicate(evidence)) == payload
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise VerificationError(f"a signed statement that is not evidence: {error}") from None
    except InputError as error:
        raise VerificationError(f"a signed statement that is not evidence: {error.what}") from None
    if not exact:
        raise VerificationError("signed evidence that is not in canonical form")
    return evidence


def _subjects(evidence: Evidence) -> Mapping[str, Digest]:
    return {evidence.subject.name: evidence.subject.digest}


def _predicate(evidence: Evidence) -> Mapping[str, Json]:
    control, price = evidence.control, evidence.price
    return {
        "control": {"id": control.id, "version": control.version, "settings": str(control.settings)},
        "stage": evidence.stage,
        "kind": evidence.subject.kind,
        "outcome": evidence.outcome,
        "at": write_moment(evidence.at),
        "measures": {name: float(value) for name, value in evidence.measures.items()},
        "findings": [_finding(f) for f in evidence.findings],
        "materials": {name: str(digest) for name, digest in evidence.materials.items()},
        "products": {name: str(digest) for name, digest in evidence.products.items()},
        "price": {
            "wall_s": price.wall_s,
            "cpu_s": price.cpu_s,
            "peak_bytes": price.peak_bytes,
            "produced_bytes": price.produced_bytes,
        },
    }


def _finding(finding: Finding) -> Mapping[str, Json]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "where": finding.where,
        "hint": finding.hint,
    }


def _evidence(read: _StatementJson) -> Evidence:
    if read.type != STATEMENT_TYPE or read.predicate_type != EVIDENCE_TYPE or len(read.subject) != 1:
        raise VerificationError("a signed statement of another type than evidence about one subject")
    said, about = read.predicate, read.subject[0]
    price = said.price
    return Evidence(
        control=ControlRef(said.control.id, said.control.version, Digest.parse(said.control.settings)),
        stage=said.stage,
        subject=Subject(said.kind, about.name, Digest(about.digest.sha256)),
        outcome=said.outcome,
        at=read_moment(said.at),
        measures=said.measures,
        findings=tuple(Finding(f.rule, f.severity, f.message, f.where, f.hint) for f in said.findings),
        materials={name: Digest.parse(text) for name, text in said.materials.items()},
        products={name: Digest.parse(text) for name, text in said.products.items()},
        price=Price(price.wall_s, price.cpu_s, price.peak_bytes, price.produced_bytes),
    )
