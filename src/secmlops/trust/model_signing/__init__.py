"""Model signatures that any tool of the field can check: OpenSSF Model Signing (OMS) v1.0, the key method.

Source: https://github.com/ossf/model-signing-spec, spec/v1.0.md
"""

from secmlops.trust.model_signing.bundle import Bundle, Method, hint_of, read_bundle
from secmlops.trust.model_signing.manifest import Hash, Manifest, Resource, Serialization
from secmlops.trust.model_signing.model_files import ModelFiles
from secmlops.trust.model_signing.signing import sign_model
from secmlops.trust.model_signing.verifying import ModelManifest, verify_model

__all__ = [
    "Bundle",
    "Hash",
    "Manifest",
    "Method",
    "ModelFiles",
    "ModelManifest",
    "Resource",
    "Serialization",
    "hint_of",
    "read_bundle",
    "sign_model",
    "verify_model",
]
