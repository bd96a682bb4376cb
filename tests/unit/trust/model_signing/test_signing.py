import json

import pytest

from secmlops.core.errors import InputError
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.model_signing import read_bundle, sign_model, verify_model

CURVES = (Algorithm.ECDSA_P256, Algorithm.ECDSA_P384, Algorithm.ECDSA_P521)
KEY = PrivateKey.generate(Algorithm.ECDSA_P256)


@pytest.mark.parametrize("algorithm", CURVES)
def test_a_signed_model_verifies_with_every_curve(algorithm):
    key = PrivateKey.generate(algorithm)
    files = {"model.onnx": b"weights", "profile.json": b"{}"}
    told = verify_model(sign_model(files, key, "credit"), files, key.public)
    assert told.name == "credit"
    assert [r.name for r in told.resources] == ["model.onnx", "profile.json"]
    assert (told.key, told.key_from_bundle) == (key.public, False)


def test_a_folder_is_signed_without_what_is_named(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"weights")
    (tmp_path / "model.sig").write_bytes(b"old")
    bundle = sign_model(tmp_path, KEY, tmp_path.name, ignore=("model.sig",))
    (tmp_path / "model.sig").write_bytes(bundle)
    told = verify_model(bundle, tmp_path, KEY.public)
    assert [r.name for r in told.resources] == ["model.onnx"]
    assert told.serialization.ignore_paths == (".git", ".gitattributes", ".github", ".gitignore", "model.sig")
    assert told.serialization.allow_symlinks is False


def test_a_single_file_is_signed_by_its_basename(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"weights")
    bundle = sign_model(path, KEY, path.name)
    assert verify_model(bundle, {"model.onnx": b"weights"}, KEY.public).resources[0].name == "model.onnx"


def test_the_statement_says_the_same_whatever_the_order_of_the_files():
    one, other = (sign_model(f, KEY, "m") for f in ({"a": b"1", "b": b"2"}, {"b": b"2", "a": b"1"}))
    assert read_bundle(one).envelope.payload == read_bundle(other).envelope.payload
    assert json.loads(read_bundle(one).envelope.payload)["subject"][0]["name"] == "m"


def test_what_cannot_be_signed_is_refused(tmp_path):
    ed25519 = PrivateKey.generate(Algorithm.ED25519)
    for files, key, name, ignore in (
        ({"a": b""}, ed25519, "m", ()),
        ({}, KEY, "m", ()),
        ({"a": b""}, KEY, "", ()),
        ({".git/x": b""}, KEY, "m", ()),
        ({"/a": b""}, KEY, "m", ()),
        ({"a": b""}, KEY, "m", ("*",)),
        (tmp_path, KEY, "m", ()),
    ):
        with pytest.raises(InputError):
            sign_model(files, key, name, ignore)
