import json

import pytest

from secmlops.core.errors import VerificationError
from secmlops.trust import dsse
from secmlops.trust.dsse import encode_base64
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.model_signing import Hash, Manifest, Serialization, sign_model, verify_model
from secmlops.trust.model_signing.bundle import write_bundle
from secmlops.trust.model_signing.model_files import measure
from secmlops.trust.statement import PAYLOAD_TYPE

KEY = PrivateKey.generate(Algorithm.ECDSA_P256)
FILES = {"model.onnx": b"weights", "sub/profile.json": b"{}"}
BUNDLE = sign_model(FILES, KEY, "credit")


def test_files_that_are_not_exactly_the_signed_ones_are_refused():
    for files, told in (
        ({**FILES, "model.onnx": b"weightz"}, "were changed: model.onnx"),
        ({**FILES, "more": b""}, "not signed: more"),
        ({"model.onnx": b"weights"}, "missing: sub/profile.json"),
        ({"model.onnx": b"{}", "sub/profile.json": b"weights"}, "were changed: model.onnx, sub/profile.json"),
        ({"Model.onnx": b"weights", "sub/profile.json": b"{}"}, "missing: model.onnx"),
        ({}, "missing"),
    ):
        with pytest.raises(VerificationError, match=told):
            verify_model(BUNDLE, files, KEY.public)


def test_an_unsigned_file_is_taken_by_name_and_a_signed_one_is_not_left_out():
    verify_model(BUNDLE, {**FILES, "more": b""}, KEY.public, ignore=("more",))
    with pytest.raises(VerificationError, match=r"missing: model\.onnx"):
        verify_model(BUNDLE, FILES, KEY.public, ignore=("model.onnx",))


def test_a_signature_of_another_key_is_refused():
    other = PrivateKey.generate(Algorithm.ECDSA_P256).public
    with pytest.raises(VerificationError, match="another key than the one given"):
        verify_model(BUNDLE, FILES, other)


def test_the_hint_decides_nothing():
    read = json.loads(BUNDLE)
    for hint in ("", "00", KEY.key_id):
        read["verificationMaterial"]["publicKey"]["hint"] = hint
        assert verify_model(json.dumps(read).encode(), FILES, KEY.public).key == KEY.public
    other = PrivateKey.generate(Algorithm.ECDSA_P256)
    read["verificationMaterial"]["publicKey"]["hint"] = json.loads(sign_model(FILES, other, "m"))[
        "verificationMaterial"
    ]["publicKey"]["hint"]
    with pytest.raises(VerificationError, match="does not hold"):
        verify_model(json.dumps(read).encode(), FILES, other.public)


def test_the_key_in_a_bundle_is_told_apart_from_a_given_one():
    other = PrivateKey.generate(Algorithm.ECDSA_P256)
    read = json.loads(sign_model(FILES, other, "credit"))
    read["verificationMaterial"]["publicKey"] = {"rawBytes": encode_base64(other.public.pem.encode())}
    own = json.dumps(read).encode()
    assert verify_model(own, FILES, None).key_from_bundle
    with pytest.raises(VerificationError):
        verify_model(own, FILES, KEY.public)


def test_without_any_key_nothing_is_believed():
    with pytest.raises(VerificationError, match="only hints at its key"):
        verify_model(BUNDLE, FILES, None)


def test_an_ed25519_key_is_refused():
    with pytest.raises(VerificationError, match="not Ed25519"):
        verify_model(BUNDLE, FILES, PrivateKey.generate(Algorithm.ED25519).public)


def sharded(files, size):
    how = Serialization(method="shards", hash_type=Hash.SHA256, allow_symlinks=False, shard_size=size)
    payload = Manifest.of("m", measure(files, how), how).to_payload()
    return write_bundle(dsse.sign(PAYLOAD_TYPE, payload, KEY), KEY.public)


def test_a_sharded_model_verifies_and_grows_or_shrinks_not_unnoticed():
    files = {"w:1": b"0123456789", "v": b"ab"}
    bundle = sharded(files, 4)
    assert len(verify_model(bundle, files, KEY.public).resources) == 4
    for changed in (b"0123456789x", b"012345678", b"01234567", b"012345678x", b""):
        with pytest.raises(VerificationError):
            verify_model(bundle, {**files, "w:1": changed}, KEY.public)


def test_a_link_in_the_model_is_refused(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"weights")
    bundle = sign_model(tmp_path, KEY, "m")
    (tmp_path / "real").write_bytes(b"weights")
    (tmp_path / "model.onnx").unlink()
    (tmp_path / "model.onnx").symlink_to("real")
    with pytest.raises(VerificationError, match="a link"):
        verify_model(bundle, tmp_path, KEY.public)


def test_the_name_of_a_single_file_counts_unless_it_is_an_old_bundles_dot():
    one = sign_model({"a": b"1"}, KEY, "m")
    with pytest.raises(VerificationError, match="missing: a"):
        verify_model(one, {"b": b"1"}, KEY.public)
    how = Serialization(method="files", hash_type=Hash.SHA256, allow_symlinks=False)
    payload = Manifest.of("m", {".": measure({"a": b"1"}, how)["a"]}, how).to_payload()
    old = write_bundle(dsse.sign(PAYLOAD_TYPE, payload, KEY), KEY.public)
    verify_model(old, {"a": b"1"}, KEY.public)
    for files in ({"a": b"2"}, {"a": b"1", "b": b"1"}, {}):
        with pytest.raises(VerificationError):
            verify_model(old, files, KEY.public)
