"""Signing a model: from its files to a bundle that travels beside them."""

from collections.abc import Collection

from secmlops.core.errors import InputError
from secmlops.trust import dsse
from secmlops.trust.keys import Algorithm, Signer
from secmlops.trust.model_signing.bundle import write_bundle
from secmlops.trust.model_signing.manifest import Hash, Manifest, Serialization
from secmlops.trust.model_signing.model_files import ModelFiles, measure
from secmlops.trust.model_signing.names import ALWAYS_IGNORED, check_ignored
from secmlops.trust.statement import PAYLOAD_TYPE


def sign_model(files: ModelFiles, signer: Signer, name: str, ignore: Collection[str] = ()) -> bytes:
    """Bundle (JSON) that signs the files of the model ``name``, hashed whole with SHA-256.

    ``files`` are bytes by name, a folder, or a single file. ``ignore`` names what is left out of a folder, such as the
    bundle itself; it is recorded in the statement. Raises InputError for a model without files, for links in it, and
    for a key other than ECDSA on P-256, P-384 or P-521.
    """
    if signer.public.algorithm is Algorithm.ED25519:
        raise InputError("model signatures are made with ECDSA, not Ed25519", hint="use the key of the role model")
    ignored = tuple(sorted({*ALWAYS_IGNORED, *(check_ignored(path) for path in ignore)}))
    how = Serialization(method="files", hash_type=Hash.SHA256, allow_symlinks=False, ignore_paths=ignored)
    manifest = Manifest.of(name, measure(files, how), how)
    return write_bundle(dsse.sign(PAYLOAD_TYPE, manifest.to_payload(), signer), signer.public)
