import dataclasses

import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.core.evidence import Outcome
from secmlops.release.candidate import Candidate
from secmlops.release.sign import Sign, Signing
from secmlops.trust.keys import Algorithm, PrivateKey, PublicKey
from secmlops.trust.model_signing import verify_model

KEY = PrivateKey.generate(Algorithm.ECDSA_P256)


@dataclasses.dataclass(frozen=True)
class Impostor:
    """A signer that signs with another key than it says."""

    public: PublicKey

    @property
    def key_id(self) -> str:
        return self.public.key_id

    def sign(self, data: bytes, /) -> bytes:
        return PrivateKey.generate(Algorithm.ECDSA_P256).sign(data)


def test_the_files_are_signed_and_anyone_can_verify_it(candidate: Candidate) -> None:
    result = Sign().examine(Signing(candidate, KEY))
    assert result.outcome is Outcome.PASSED
    bundle = result.products["model.sig"]
    signed = verify_model(bundle, candidate.files, KEY.public)
    assert {r.name: r.digest for r in signed.resources}["model.onnx"] == candidate.model.hex
    assert result.measures["files"] == 2
    assert result.measures["signature_bytes"] == len(bundle)
    with pytest.raises(VerificationError):
        verify_model(bundle, {**candidate.files, "model.onnx": b"swapped"}, KEY.public)


def test_a_signer_that_signs_with_another_key_is_found_out(candidate: Candidate) -> None:
    with pytest.raises(VerificationError):
        Sign().examine(Signing(candidate, Impostor(KEY.public)))


def test_a_key_that_the_standard_does_not_know_is_refused(candidate: Candidate) -> None:
    with pytest.raises(InputError, match="ECDSA"):
        Sign().examine(Signing(candidate, PrivateKey.generate(Algorithm.ED25519)))
