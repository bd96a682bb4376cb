"""The sealed files of a release: under which kind the vault keeps each of them, and how they are opened."""

import re
from collections.abc import Mapping

from secmlops.core.errors import VerificationError
from secmlops.release.bundle import Release
from secmlops.release.names import MODEL_FILE, OPTIONAL_FILES, SIGNATURE_FILE
from secmlops.vault.vault import Vault


def product_kind(control_id: str, product: str) -> str:
    """Kind under which the vault keeps a control's product: ``training-run-model-onnx``."""
    return re.sub(r"[^a-z0-9_-]", "-", f"{control_id}-{product}".lower())


SEALED_SUFFIX = ".c2sp"
KINDS: Mapping[str, str] = {
    MODEL_FILE: product_kind("training.run", MODEL_FILE),
    SIGNATURE_FILE: "signature",
    **{name: product_kind(*made) for name, made in OPTIONAL_FILES.items()},
}
"""Kind under which the vault keeps each file that is sealed into a release."""


def opened_files(release: Release, vault: Vault) -> dict[str, bytes]:
    """Decrypted ``model.onnx``, ``signature.json`` and optional files of a release, from its own bytes.

    Raises InputError when the vault does not hold the data keys, VerificationError when the bytes are not what was
    sealed.
    """
    files: dict[str, bytes] = {}
    for name, digest in release.manifest.opened.items():
        sealed = release.sealed.get(name + SEALED_SUFFIX)
        if sealed is None:
            raise VerificationError(f"the release has no sealed {name}", where=release.manifest.folder)
        files[name] = vault.unseal(sealed, digest, KINDS[name])
    return files
