import base64
import hashlib
import json

import pytest

from secmlops.core.errors import VerificationError
from secmlops.trust import dsse
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.model_signing import bundle as module
from secmlops.trust.model_signing.bundle import MEDIA_TYPE, Method, hint_of, read_bundle, write_bundle
from secmlops.trust.statement import PAYLOAD_TYPE

KEY = PrivateKey.generate(Algorithm.ECDSA_P256)
ENVELOPE = dsse.sign(PAYLOAD_TYPE, b"payload", KEY)
BUNDLE = write_bundle(ENVELOPE, KEY.public)


def test_a_bundle_comes_back():
    read = read_bundle(BUNDLE)
    assert (read.method, read.envelope, read.key) == (Method.KEY, ENVELOPE, None)
    assert read.hint == hint_of(KEY.public) == hashlib.sha256(KEY.public.pem.encode()).hexdigest()
    assert json.loads(BUNDLE)["mediaType"] == MEDIA_TYPE


def with_material(**material):
    return json.dumps({**json.loads(BUNDLE), "verificationMaterial": material}).encode()


def test_the_key_of_an_old_bundle_is_read_as_pem_or_der():
    for raw in (KEY.public.pem.encode(), KEY.public.der):
        data = with_material(publicKey={"rawBytes": base64.b64encode(raw).decode(), "keyDetails": "x"})
        assert read_bundle(data).key == KEY.public


CERTIFICATE = {"rawBytes": "AA=="}


@pytest.mark.parametrize(
    "material",
    [
        {},
        {"publicKey": {}},
        {"publicKey": {"hint": None}},
        {"publicKey": {"hint": 1}},
        {"publicKey": {"rawBytes": "AA=="}},
        {"publicKey": {"rawBytes": "A"}},
        {"publicKey": {"rawBytes": base64.b64encode(PrivateKey.generate(Algorithm.ED25519).public.der).decode()}},
        {"publicKey": {"hint": "00"}, "certificate": CERTIFICATE, "tlogEntries": [{}]},
        {"x509CertificateChain": {"certificates": []}},
        {"certificate": CERTIFICATE},
        {"certificate": CERTIFICATE, "tlogEntries": []},
        {"publicKey": {"hint": "00"}, "more": 1},
    ],
)
def test_material_against_the_standard_is_refused(material):
    with pytest.raises(VerificationError):
        read_bundle(with_material(**material))


@pytest.mark.parametrize(
    ("material", "method"),
    [
        ({"x509CertificateChain": {"certificates": [CERTIFICATE]}}, Method.CERTIFICATE),
        ({"certificate": CERTIFICATE, "tlogEntries": [{}]}, Method.SIGSTORE),
        ({"publicKey": {"hint": "00"}}, Method.KEY),
    ],
)
def test_the_method_is_told_by_the_material(material, method):
    assert read_bundle(with_material(**material)).method is method


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b.update(mediaType="application/vnd.dev.sigstore.bundle.v0.2+json"),
        lambda b: b.update(more=1),
        lambda b: b.pop("dsseEnvelope"),
        lambda b: b["dsseEnvelope"].update(payloadType="application/x"),
        lambda b: b["dsseEnvelope"].update(payload=""),
        lambda b: b["dsseEnvelope"].update(signatures=[]),
        lambda b: b["dsseEnvelope"].update(signatures=b["dsseEnvelope"]["signatures"] * 2),
    ],
)
def test_a_bundle_against_the_standard_is_refused(change):
    read = json.loads(BUNDLE)
    change(read)
    with pytest.raises(VerificationError):
        read_bundle(json.dumps(read).encode())


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_no_bundle_is_refused(data):
    with pytest.raises(VerificationError, match="not a model signature bundle"):
        read_bundle(data)


def test_a_bundle_beyond_the_bounds_is_refused(monkeypatch):
    monkeypatch.setattr(module, "MAX_BUNDLE_BYTES", 10)
    with pytest.raises(VerificationError, match="at most 10"):
        read_bundle(BUNDLE)
