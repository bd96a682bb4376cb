import json

import pytest

from secmlops.core.errors import VerificationError
from secmlops.release.bundle import read_release
from secmlops.release.model_checks import model_bytes, model_signature
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.model_signing import sign_model
from secmlops.trust.roles import KeyRing, RingKey, Role


def test_the_signature_is_checked_without_opening_the_model(world) -> None:
    key = model_signature(read_release(world.release()), world.ring)
    assert key == world.keys[Role.MODEL].public


def test_opened_bytes_are_counted(world) -> None:
    size = sum(len(data) for data in world.opened.values())
    assert model_bytes(read_release(world.release()), world.ring, world.opened) == size


@pytest.mark.parametrize("files", [{"model.onnx": b"the model"}, {"model.onnx": b"the model", "signature.json": b"{}"}])
def test_a_signature_over_other_files_is_refused(world, files) -> None:
    bundle = sign_model(files, world.keys[Role.MODEL], "credit")
    with pytest.raises(VerificationError, match="signed other files"):
        model_signature(read_release(world.release(model_signature=bundle)), world.ring)


def test_the_key_must_be_a_model_key_when_the_release_was_made(world) -> None:
    release = read_release(world.release())
    others = tuple(e for e in world.ring.entries if e.role is not Role.MODEL)
    (entry,) = (e for e in world.ring.entries if e.role is Role.MODEL)
    for late in (
        RingKey(entry.key, Role.MODEL, entry.since, until=entry.since),
        RingKey(entry.key, Role.MODEL, entry.since, revoked=True),
        RingKey(entry.key, Role.VALIDATOR, entry.since),
        RingKey(PrivateKey.generate(Algorithm.ED25519).public, Role.MODEL, entry.since),
    ):
        with pytest.raises(VerificationError):
            model_signature(release, KeyRing((*others, late)))


def test_a_signature_by_certificate_is_not_one_by_key(world) -> None:
    bundle = json.loads(world.parts().model_signature)
    bundle["verificationMaterial"] = {"x509CertificateChain": {"certificates": [{"rawBytes": "AA=="}]}}
    changed = read_release(world.release(model_signature=json.dumps(bundle).encode()))
    with pytest.raises(VerificationError, match="method certificate"):
        model_signature(changed, world.ring)
