"""Verifying a model: the signature first, then every file against what was signed, and no file beside."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.trust import dsse
from secmlops.trust.keys import Algorithm, PublicKey
from secmlops.trust.model_signing.bundle import Bundle, Method, hint_of, read_bundle
from secmlops.trust.model_signing.manifest import SINGLE_FILE, Manifest, Resource, Serialization
from secmlops.trust.model_signing.model_files import ModelFiles, measure


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """What was signed and found to be so. ``digest`` names the whole model; ``key`` is the one that signed it.

    ``key_from_bundle``: the key came with the signature, so the files are what somebody signed, and nothing tells who.
    """

    name: str
    digest: Digest
    resources: tuple[Resource, ...]
    serialization: Serialization
    key: PublicKey
    key_from_bundle: bool


def verify_model(
    bundle: bytes, files: ModelFiles, key: PublicKey | None, ignore: Collection[str] = ()
) -> ModelManifest:
    """Return what was signed, if the signature holds and the files are exactly the signed ones.

    ``files`` are bytes by name, a folder, or a single file; bytes are safe against a change between this check and
    their use, a folder is not. With ``key`` None the key in an older bundle is used, and the result says so. Files that
    were not signed are refused, except those left out at signing and those that ``ignore`` names, such as the bundle
    itself: use only what the result lists. Raises VerificationError for everything that is not as signed, and for
    signatures by certificate, which are not verified here.
    """
    read = read_bundle(bundle)
    chosen = _key(read, key)
    _verify_signature(read, chosen)
    manifest = Manifest.from_payload(read.envelope.payload)
    try:
        found = measure(files, manifest.serialization, ignore)
    except InputError as error:
        raise VerificationError(error.what, where=error.where, hint=error.hint) from None
    _compare(manifest.digests, found)
    return ModelManifest(
        manifest.name, manifest.root, manifest.resources, manifest.serialization, chosen, key_from_bundle=key is None
    )


def _key(bundle: Bundle, given: PublicKey | None) -> PublicKey:
    if bundle.method is not Method.KEY:
        raise VerificationError(f"signed by the method {bundle.method}", hint="only signatures with a key are verified")
    if given is None and bundle.key is None:
        raise VerificationError("the bundle only hints at its key", hint="give the public key of the signer")
    chosen = given or bundle.key
    if chosen is None or chosen.algorithm is Algorithm.ED25519:
        raise VerificationError("model signatures are verified with ECDSA keys, not Ed25519")
    return chosen


def _verify_signature(bundle: Bundle, key: PublicKey) -> None:
    try:
        dsse.verify(bundle.envelope, (key,))
    except VerificationError:
        told = bundle.hint in ("", hint_of(key))
        what = "the signature does not hold" if told else "signed with another key than the one given, or changed"
        raise VerificationError(what, where="model signature", hint="do not load this model") from None


def _compare(signed: Mapping[str, str], found: Mapping[str, str]) -> None:
    if len(found) == 1 and set(signed) == {SINGLE_FILE}:
        found = {SINGLE_FILE: next(iter(found.values()))}
    for what, names in (
        ("signed files are missing", signed.keys() - found.keys()),
        ("files were changed", {n for n in signed.keys() & found.keys() if signed[n] != found[n]}),
        ("files are there that were not signed", found.keys() - signed.keys()),
    ):
        if names:
            raise VerificationError(f"{what}: {', '.join(sorted(names)[:5])}", hint="do not load this model")
