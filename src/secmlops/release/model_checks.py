"""Checks of the model in a release: its signature by a model key, and, where they are at hand, its opened bytes."""

from collections.abc import Mapping

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.release.bundle import Release
from secmlops.release.names import MODEL_SIGNATURE_FILE
from secmlops.trust import dsse
from secmlops.trust.keys import Algorithm, PublicKey
from secmlops.trust.model_signing import Hash, Manifest, Method, read_bundle, verify_model
from secmlops.trust.roles import KeyRing, Role


def model_signature(release: Release, ring: KeyRing) -> PublicKey:
    """Key, in role ``model`` when the release was made, that signed exactly the digests of the manifest.

    This needs no opened model: the signature names its files by digest. Raises VerificationError.
    """
    bundle = read_bundle(release.files[MODEL_SIGNATURE_FILE])
    if bundle.method is not Method.KEY:
        raise VerificationError(f"signed by the method {bundle.method}", hint="releases are signed with a model key")
    trusted = [e.key for e in ring.entries if e.role is Role.MODEL and e.valid_at(release.manifest.at)]
    keys = [key for key in trusted if key.algorithm is not Algorithm.ED25519]
    (key,) = dsse.verify(bundle.envelope, keys)
    signed = Manifest.from_payload(bundle.envelope.payload)
    expected = {name: digest.hex for name, digest in release.manifest.opened.items()}
    if signed.serialization.hash_type is not Hash.SHA256 or signed.digests != expected:
        raise VerificationError("the model key signed other files than those of the manifest")
    return key


def model_bytes(release: Release, ring: KeyRing, opened: Mapping[str, bytes] | None) -> int:
    """Size, in bytes, of the opened files, when they are the ones that were released and signed.

    Raises VerificationError otherwise, and when ``opened`` is None: nobody has looked then.
    """
    if opened is None:
        raise VerificationError("not checked: the model is sealed", hint="open it, and hand in what is inside")
    found = {name: Digest.of(data) for name, data in opened.items()}
    if found != release.manifest.opened:
        raise VerificationError("the opened files are not those that were released", hint="do not load this model")
    verify_model(release.files[MODEL_SIGNATURE_FILE], opened, model_signature(release, ring))
    return sum(len(data) for data in opened.values())
