import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from secmlops.core.errors import InputError, VerificationError
from secmlops.trust import dsse
from secmlops.trust.dsse import Envelope, Signature
from secmlops.trust.keys import Algorithm, PrivateKey, PublicKey

VECTORS = (
    "single-signature",
    "url-safe-base64",
    "payload-type-swapped",
    "non-ascii-payload-type",
    "empty-payload",
    "empty-payload-type",
    "threshold-two-distinct-keys",
    "threshold-two-one-key-twice",
    "threshold-two-without-keyids",
)
A, B = (PrivateKey.generate(Algorithm.ED25519) for _ in range(2))
TYPE = "application/x-test"


def decide(vector, keys):
    """Accept or reject an envelope as a consumer of the official vectors does."""
    trusted = [keys[name] for name in vector["trustedKeys"]]
    try:
        envelope = Envelope.from_json(json.dumps(vector["envelope"]).encode())
        dsse.verify(envelope, trusted, vector["threshold"])
    except VerificationError:
        return "reject"
    return "accept" if envelope.payload_type in vector["supportedPayloadTypes"] else "reject"


@pytest.mark.parametrize("name", VECTORS)
def test_official_vector(vectors, name):
    file = json.loads((vectors / "dsse" / "vectors.json").read_bytes())
    assert {v["id"] for v in file["vectors"]} == set(VECTORS)
    keys = {n: PublicKey.from_raw_ed25519(bytes.fromhex(k["public"])) for n, k in file["keys"].items()}
    vector = next(v for v in file["vectors"] if v["id"] == name)
    assert decide(vector, keys) == vector["expect"]
    if name != "payload-type-swapped":
        envelope = Envelope.from_json(json.dumps(vector["envelope"]).encode())
        assert dsse.pae(envelope.payload_type, envelope.payload).hex() == vector["pae"]


def test_the_example_of_the_protocol_holds(vectors):
    example = json.loads((vectors / "dsse" / "protocol_example.json").read_bytes())
    numbers = ec.EllipticCurvePublicNumbers(int(example["key"]["X"]), int(example["key"]["Y"]), ec.SECP256R1())
    key = PublicKey.from_der(numbers.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    envelope = Envelope.from_json(json.dumps(example["envelope"]).encode())
    assert dsse.pae(envelope.payload_type, envelope.payload) == example["pae"].encode()
    raw = envelope.signatures[0].sig
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.verify(der, dsse.pae(envelope.payload_type, envelope.payload))


def test_an_envelope_survives_its_json():
    envelope = dsse.sign(TYPE, b"payload", A, B)
    again = Envelope.from_json(envelope.to_json())
    assert again == envelope
    assert dsse.verify(again, [A.public, B.public], 2) == (A.public, B.public)
    assert again.to_json() == envelope.to_json()


def test_a_null_key_hint_is_an_empty_one():
    envelope = {"payload": "", "payloadType": TYPE, "signatures": [{"sig": "AA==", "keyid": None}], "more": 1}
    assert Envelope.from_json(json.dumps(envelope).encode()).signatures == (Signature(b"\0", ""),)


def test_a_lying_key_hint_changes_nothing():
    signed = dsse.sign(TYPE, b"payload", A)
    lying = Envelope(TYPE, b"payload", (Signature(signed.signatures[0].sig, B.key_id),))
    assert dsse.verify(lying, [A.public, B.public]) == (A.public,)
    with pytest.raises(VerificationError):
        dsse.verify(lying, [B.public])


def test_nobody_is_trusted_when_no_keys_are_given():
    with pytest.raises(VerificationError, match="signed by 0 trusted keys where 1 are needed"):
        dsse.verify(dsse.sign(TYPE, b"payload", A), [])


def test_signatures_of_strangers_do_not_hurt_those_of_the_trusted():
    envelope = dsse.sign(TYPE, b"payload", B, A)
    assert dsse.verify(envelope, [A.public]) == (A.public,)
    with pytest.raises(VerificationError):
        dsse.verify(envelope, [A.public], 2)


def test_a_key_given_twice_counts_once():
    with pytest.raises(VerificationError):
        dsse.verify(dsse.sign(TYPE, b"payload", A, A), [A.public, A.public], 2)


@pytest.mark.parametrize("threshold", [0, -1])
def test_a_threshold_below_one_is_refused(threshold):
    with pytest.raises(InputError, match="threshold"):
        dsse.verify(dsse.sign(TYPE, b"payload", A), [A.public], threshold)


def test_an_envelope_needs_a_type_and_a_signer():
    for kind, signers in ((TYPE, ()), ("", (A,)), (TYPE, (A,) * 65)):
        with pytest.raises(InputError, match="needs a payload type"):
            dsse.sign(kind, b"payload", *signers)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"[" * 100_000,
        b'{"payload":"","payloadType":"t","signatures":[]}',
        b'{"payload":"","payloadType":1,"signatures":[{"sig":""}]}',
        b'{"payload":"A","payloadType":"t","signatures":[{"sig":""}]}',
        b'{"payload":"AA","payloadType":"t","signatures":[{"sig":""}]}',
        b'{"payload":"AB==","payloadType":"t","signatures":[{"sig":""}]}',
        b'{"payload":"AA= =","payloadType":"t","signatures":[{"sig":""}]}',
        '{"payload":"é","payloadType":"t","signatures":[{"sig":""}]}'.encode(),
        b'{"payload":"","payloadType":"\\ud800","signatures":[{"sig":""}]}',
        b'{"payload":"","payloadType":"t","signatures":[{"sig":""}]} x',
    ],
)
def test_what_is_no_envelope_is_refused(data):
    with pytest.raises(VerificationError):
        Envelope.from_json(data)


def test_an_envelope_beyond_the_bounds_is_refused(monkeypatch):
    many = {"payload": "", "payloadType": "t", "signatures": [{"sig": ""}] * 65}
    with pytest.raises(VerificationError, match="65 signatures"):
        Envelope.from_json(json.dumps(many).encode())
    monkeypatch.setattr(dsse, "MAX_ENVELOPE_BYTES", 10)
    with pytest.raises(VerificationError, match="at most 10"):
        Envelope.from_json(dsse.sign(TYPE, b"payload", A).to_json())
