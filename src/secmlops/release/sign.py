"""The control ``release.sign``: signs the model's files (OpenSSF Model Signing v1.0), and verifies what it signed."""

from dataclasses import dataclass
from typing import ClassVar

from secmlops.core.control import Examination
from secmlops.core.stage import Stage
from secmlops.release.candidate import Candidate
from secmlops.release.names import MODEL_SIGNATURE_FILE
from secmlops.trust.keys import Signer
from secmlops.trust.model_signing import sign_model, verify_model


@dataclass(frozen=True, slots=True)
class Signing:
    """A candidate, and the key that may sign it: ECDSA on a NIST curve, as the standard asks for."""

    candidate: Candidate
    signer: Signer


@dataclass(frozen=True, slots=True)
class Sign:
    """Signs the release's files, product ``model.sig``: a bundle that any verifier of the standard can check.

    What was made is verified with the public key before it counts: a signer that signs wrongly, or with another key
    than it says, raises VerificationError.
    """

    id: ClassVar[str] = "release.sign"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.RELEASE
    threats: ClassVar[tuple[str, ...]] = (
        "atlas:AML.T0018",
        "atlas:AML.T0018.000",
        "atlas:AML.T0018.001",
        "owasp-ml:ML10",
        "nist-ai-100-2:NISTAML.011",
        "atlas-mitigation:AML.M0013",
        "atlas-mitigation:AML.M0014",
    )
    reduces: ClassVar[tuple[str, ...]] = ("stride:spoofing", "stride:tampering", "atlas:AML.T0074")

    def examine(self, artifact: Signing, /) -> Examination:
        """Signature of the candidate's files."""
        candidate, signer = artifact.candidate, artifact.signer
        bundle = sign_model(candidate.files, signer, f"{candidate.name}-{candidate.version}")
        verify_model(bundle, candidate.files, signer.public)
        measures = {
            "files": len(candidate.files),
            "signed_bytes": sum(len(data) for data in candidate.files.values()),
            "signature_bytes": len(bundle),
        }
        return Examination.judged((), measures, {MODEL_SIGNATURE_FILE: bundle})
