import dataclasses
import json
from datetime import timedelta

import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.core.subject import Subject
from secmlops.trust import dsse
from secmlops.trust.attestation import EVIDENCE_TYPE, attest, read_attestation
from secmlops.trust.canonical import canonical_json
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import KeyRing, RingKey, Role

ENGINEER, VALIDATOR, STRANGER = (PrivateKey.generate(Algorithm.ED25519) for _ in range(3))


@pytest.fixture
def ring(now):
    return KeyRing((RingKey(ENGINEER.public, Role.ENGINEER, now), RingKey(VALIDATOR.public, Role.VALIDATOR, now)))


def test_evidence_comes_back_as_it_was(evidence, ring):
    verified = read_attestation(attest(evidence, ENGINEER), ring)
    assert verified.evidence == evidence
    assert verified.roles == {"engineer"}
    assert verified.key_id == ENGINEER.key_id


def test_the_statement_has_the_form_of_in_toto(evidence):
    payload = json.loads(dsse.Envelope.from_json(attest(evidence, ENGINEER)).payload)
    assert payload["_type"] == "https://in-toto.io/Statement/v1"
    assert payload["predicateType"] == EVIDENCE_TYPE == "urn:secmlops:evidence:v1"
    assert payload["subject"] == [{"name": "credit", "digest": {"sha256": evidence.subject.digest.hex}}]
    assert payload["predicate"]["at"] == "2025-03-01T09:30:00.000000Z"
    assert payload["predicate"]["kind"] == "dataset"


def test_evidence_of_another_role_has_no_roles(evidence, ring):
    verified = read_attestation(attest(evidence, VALIDATOR), ring)
    assert verified.evidence == evidence
    assert verified.roles == frozenset()


def test_evidence_of_a_revoked_key_is_read_and_has_no_roles(evidence, ring):
    data = attest(evidence, ENGINEER)
    assert read_attestation(data, ring.revoking(ENGINEER.key_id)).roles == frozenset()


def test_evidence_of_a_rotated_key_counts_if_it_was_signed_before(evidence, ring, now):
    rotated = ring.closing(Role.ENGINEER, now + timedelta(hours=1))
    late = dataclasses.replace(evidence, at=now + timedelta(hours=2))
    assert read_attestation(attest(evidence, ENGINEER), rotated).roles == {"engineer"}
    assert read_attestation(attest(late, ENGINEER), rotated).roles == frozenset()


def test_an_unknown_key_is_an_error(evidence, ring):
    with pytest.raises(VerificationError, match="not in the key ring"):
        read_attestation(attest(evidence, STRANGER), ring)
    with pytest.raises(VerificationError):
        read_attestation(attest(evidence, ENGINEER), KeyRing())


def signed(payload, *signers, kind="application/vnd.in-toto+json"):
    return dsse.sign(kind, payload, *(signers or (ENGINEER,))).to_json()


def altered(evidence, change):
    read = json.loads(dsse.Envelope.from_json(attest(evidence, ENGINEER)).payload)
    change(read)
    return signed(canonical_json(read))


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.update(more=1),
        lambda s: s.update(_type="https://in-toto.io/Statement/v0.1"),
        lambda s: s.update(predicateType="https://slsa.dev/provenance/v1"),
        lambda s: s.update(subject=[]),
        lambda s: s.update(subject=s["subject"] * 2),
        lambda s: s["subject"][0].update(uri="x"),
        lambda s: s["subject"][0]["digest"].update(sha512="x"),
        lambda s: s["subject"][0]["digest"].update(sha256="00"),
        lambda s: s["predicate"].update(more=1),
        lambda s: s["predicate"].pop("outcome"),
        lambda s: s["predicate"].update(outcome="excellent"),
        lambda s: s["predicate"].update(stage="nowhere"),
        lambda s: s["predicate"].update(at="2025-03-01T09:30:00Z"),
        lambda s: s["predicate"]["measures"].update(share="0.5"),
        lambda s: s["predicate"]["measures"].update(share=None),
        lambda s: s["predicate"]["control"].update(settings="md5:00"),
        lambda s: s["predicate"]["materials"].update(schema="x"),
        lambda s: s["predicate"]["findings"][0].update(severity="mild"),
        lambda s: s["predicate"]["price"].update(peak_bytes=0.5),
    ],
)
def test_a_signed_statement_that_is_not_evidence_is_refused(evidence, ring, change):
    with pytest.raises(VerificationError):
        read_attestation(altered(evidence, change), ring)


def test_a_payload_in_another_form_is_refused(evidence, ring):
    payload = dsse.Envelope.from_json(attest(evidence, ENGINEER)).payload
    spaced = json.dumps(json.loads(payload)).encode()
    doubled = payload.replace(b'{"_type"', b'{"_type":"x","_type"')
    for other in (spaced, doubled, payload + b" ", b"", b"\xff"):
        with pytest.raises(VerificationError):
            read_attestation(signed(other), ring)
    assert read_attestation(signed(payload), ring).evidence == evidence


def test_an_envelope_in_another_form_is_refused(evidence, ring):
    data = attest(evidence, ENGINEER)
    spaced = json.dumps(json.loads(data)).encode()
    extended = canonical_json({**json.loads(data), "more": 1})
    for other in (spaced, extended, data + b"\n"):
        with pytest.raises(VerificationError, match="canonical"):
            read_attestation(other, ring)


def test_an_attestation_has_one_signature(evidence, ring):
    payload = dsse.Envelope.from_json(attest(evidence, ENGINEER)).payload
    with pytest.raises(VerificationError, match="one signature"):
        read_attestation(signed(payload, ENGINEER, VALIDATOR), ring)


def test_a_measure_that_is_a_numpy_number_comes_back_as_a_float(evidence, ring):
    np = pytest.importorskip("numpy")
    measured = dataclasses.replace(evidence, measures={"auc": np.float32(0.5)})
    assert read_attestation(attest(measured, ENGINEER), ring).evidence.measures == {"auc": 0.5}


def test_what_json_cannot_say_is_refused_before_it_is_signed(evidence):
    subject = evidence.subject
    broken = dataclasses.replace(evidence, subject=Subject(subject.kind, "\ud800", subject.digest))
    with pytest.raises(InputError, match="canonical JSON"):
        attest(broken, ENGINEER)
