"""The official vectors of OpenSSF Model Signing v1.0, and models that three versions of the reference tool signed."""

import json

import pytest

from secmlops.core.errors import VerificationError
from secmlops.trust import dsse
from secmlops.trust.keys import Algorithm, PrivateKey, PublicKey
from secmlops.trust.model_signing import Manifest, Method, hint_of, read_bundle, sign_model, verify_model

SIGNED = {
    "v0.3.1-elliptic-key": ("signme-1",),
    "v1.0.0-elliptic-key": ("signme-1",),
    "v1.0.1-elliptic-key": ("signme-1", "signme-2"),
}
INVALID = (
    "invalid/empty",
    "invalid/missing-envelope",
    "invalid/missing-tlog-entries",
    "invalid/missing-verification-material",
)


@pytest.fixture
def folder(vectors):
    return vectors / "model_signing"


@pytest.fixture
def key(folder):
    return PublicKey.from_pem((folder / "signing-key-pub.pem").read_bytes())


def vector(folder, name):
    return (folder / "oms-v1.0" / "test-vectors" / "v1.0" / f"{name}.bundle.json").read_bytes()


@pytest.mark.parametrize("version", SIGNED)
def test_a_model_signed_by_the_reference_tool_verifies(folder, key, version):
    files = {name: (folder / version / name).read_bytes() for name in SIGNED[version]}
    bundle = (folder / version / "model.sig").read_bytes()
    told = verify_model(bundle, files, key)
    assert (told.key, told.key_from_bundle) == (key, False)
    assert told.key.algorithm is Algorithm.ECDSA_P384
    alone = verify_model(bundle, files, None)
    assert (alone.key, alone.key_from_bundle) == (key, True)
    for name, data in files.items():
        with pytest.raises(VerificationError, match="were changed"):
            verify_model(bundle, {**files, name: data + b"x"}, key)


def test_the_signed_folder_of_the_reference_tool_verifies(folder, key):
    path = folder / "v1.0.1-elliptic-key"
    bundle = (path / "model.sig").read_bytes()
    assert verify_model(bundle, path, key, ignore=("model.sig", "ignore-me")).name == "v1.0.1-elliptic-key"
    with pytest.raises(VerificationError, match="not signed: ignore-me"):
        verify_model(bundle, path, key, ignore=("model.sig",))


@pytest.mark.parametrize("version", list(SIGNED)[:2])
def test_the_single_file_of_an_old_version_verifies(folder, key, version):
    bundle = (folder / version / "model.sig").read_bytes()
    assert verify_model(bundle, folder / version / "signme-1", key).name == "signme-1"


def test_the_valid_bundle_of_the_key_method_verifies(folder, key):
    files = {n: (folder / "v1.0.1-elliptic-key" / n).read_bytes() for n in ("signme-1", "signme-2")}
    bundle = vector(folder, "valid/key")
    assert verify_model(bundle, files, key).name == "model"
    assert read_bundle(bundle).hint == hint_of(key)
    with pytest.raises(VerificationError, match="only hints at its key"):
        verify_model(bundle, files, None)


def test_the_bundles_of_the_other_methods_are_read_and_not_believed(folder, key):
    for method in (Method.CERTIFICATE, Method.SIGSTORE):
        data = vector(folder, f"valid/{method}")
        read = read_bundle(data)
        assert read.method is method
        assert [r.name for r in Manifest.from_payload(read.envelope.payload).resources] == ["signme-1", "signme-2"]
        with pytest.raises(VerificationError, match=f"by the method {method}"):
            verify_model(data, {}, key)


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_bundle_is_refused(folder, name):
    with pytest.raises(VerificationError):
        read_bundle(vector(folder, name))


def test_an_invalid_payload_is_refused(folder):
    payload = read_bundle(vector(folder, "invalid-payload/wrong-predicate")).envelope.payload
    with pytest.raises(VerificationError, match="another type"):
        Manifest.from_payload(payload)


def test_no_vector_is_left_out(folder):
    found = {p.relative_to(folder / "oms-v1.0/test-vectors/v1.0").as_posix() for p in folder.rglob("*.bundle.json")}
    named = {*INVALID, "invalid-payload/wrong-predicate", *(f"valid/{m}" for m in Method)}
    assert found == {f"{n}.bundle.json" for n in named}


def test_our_bundles_fit_the_official_schemas(folder):
    jsonschema = pytest.importorskip("jsonschema")
    referencing = pytest.importorskip("referencing")
    read = [json.loads(p.read_bytes()) for p in (folder / "oms-v1.0/schemas/v1.0").iterdir()]
    schemas = {s["$id"]: s for s in read}
    registry = referencing.Registry().with_resources(
        (name, referencing.Resource.from_contents(schema)) for name, schema in schemas.items()
    )
    bundle = sign_model({"model.onnx": b"weights"}, PrivateKey.generate(Algorithm.ECDSA_P256), "credit")
    payload = read_bundle(bundle).envelope.payload
    for name, instance in (("bundle", json.loads(bundle)), ("statement", json.loads(payload))):
        schema = schemas[f"https://model_signing/{name}/v1.0/schema"]
        jsonschema.Draft202012Validator(schema, registry=registry).validate(instance)
    assert dsse.Envelope.from_json(json.dumps(json.loads(bundle)["dsseEnvelope"]).encode()).payload == payload
