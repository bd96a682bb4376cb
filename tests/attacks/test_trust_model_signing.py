"""Attacks on a signed model: on its files, its bundle, and by signing something else that looks like it."""

import dataclasses
import json

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.trust import dsse
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.model_signing import read_bundle, sign_model, verify_model
from secmlops.trust.model_signing.bundle import write_bundle
from secmlops.trust.statement import PAYLOAD_TYPE, statement

KEY = PrivateKey.generate(Algorithm.ECDSA_P256)
FILES = {"model.onnx": b"weights", "profile.json": b"{}"}
BUNDLE = sign_model(FILES, KEY, "credit")


def test_every_changed_byte_of_the_signed_statement_is_refused():
    envelope = read_bundle(BUNDLE).envelope
    for place in range(len(envelope.payload)):
        flipped = bytearray(envelope.payload)
        flipped[place] ^= 1
        forged = write_bundle(dataclasses.replace(envelope, payload=bytes(flipped)), KEY.public)
        with pytest.raises(VerificationError):
            verify_model(forged, FILES, KEY.public)


def test_the_signature_of_one_model_does_not_cover_another():
    other = sign_model({"model.onnx": b"evil", "profile.json": b"{}"}, PrivateKey.generate(Algorithm.ECDSA_P256), "x")
    moved = dataclasses.replace(read_bundle(other).envelope, signatures=read_bundle(BUNDLE).envelope.signatures)
    with pytest.raises(VerificationError):
        verify_model(write_bundle(moved, KEY.public), {**FILES, "model.onnx": b"evil"}, KEY.public)


def test_an_older_version_of_a_signed_model_is_not_the_new_one():
    newer = {**FILES, "model.onnx": b"weights of the next version"}
    with pytest.raises(VerificationError, match="were changed"):
        verify_model(BUNDLE, newer, KEY.public)


def test_another_statement_signed_with_the_same_key_is_no_model_signature():
    said = json.loads(read_bundle(BUNDLE).envelope.payload)
    root = Digest(said["subject"][0]["digest"]["sha256"])
    for predicate in ({}, said["predicate"]):
        payload = statement("urn:secmlops:evidence:v1", {"credit": root}, predicate)
        bundle = write_bundle(dsse.sign(PAYLOAD_TYPE, payload, KEY), KEY.public)
        with pytest.raises(VerificationError, match="statement"):
            verify_model(bundle, FILES, KEY.public)


def test_an_enclosed_key_does_not_replace_the_given_one():
    evil = PrivateKey.generate(Algorithm.ECDSA_P256)
    read = json.loads(sign_model(FILES, evil, "credit"))
    read["verificationMaterial"]["publicKey"] = {"rawBytes": dsse.encode_base64(evil.public.pem.encode())}
    with pytest.raises(VerificationError):
        verify_model(json.dumps(read).encode(), FILES, KEY.public)


def test_a_file_hidden_in_a_folder_that_is_always_left_out_stays_out_of_the_result():
    told = verify_model(BUNDLE, {**FILES, ".git/hooks/post-checkout": b"evil"}, KEY.public)
    assert {r.name for r in told.resources} == set(FILES)


def test_bytes_after_the_bundle_are_refused():
    with pytest.raises(VerificationError):
        verify_model(BUNDLE + b"{}", FILES, KEY.public)
