"""The bundle: everything a release consists of, written to a folder and read back, strictly."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.release.folder import ReleaseFolder, write_folder
from secmlops.release.manifest import MAX_FILES, FileEntry, Manifest
from secmlops.release.names import (
    BILL_FILE,
    CHECKPOINT_FILE,
    ENVELOPE_FILE,
    EVIDENCE_FILE,
    MANIFEST_FILE,
    MODEL_SIGNATURE_FILE,
    PART_FILES,
    PROOFS_FILE,
    PROVENANCE_FILE,
    RING_FILE,
)
from secmlops.trust.canonical import canonical_json
from secmlops.trust.keys import Signer
from secmlops.trust.roles import KeyRing

_MAX_MANIFEST_BYTES = 1024 * 1024
CHANGED = (
    "the release was changed after it was made: do not use it; secmlops verify shows what else holds; move its folder "
    "away, and secmlops run publishes anew"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseParts:
    """What a release is made of.

    ``model``, ``signature`` and, by name, ``optional`` are the digests of the opened files; ``sealed`` holds them
    encrypted, by file name, and whatever is needed to open them; this room never looks inside. ``model_signature`` is
    the OMS bundle, ``bill`` the CycloneDX document, ``provenance`` the signed envelope. ``evidence`` are signed
    envelopes in the order of the ledger, ``receipts`` the proof of each, all under ``checkpoint``; ``verdict`` is the
    digest of the envelope in which the gate said open. Raises InputError for parts that do not belong together.
    """

    name: str
    version: str
    model: Digest
    signature: Digest
    sealed: Mapping[str, bytes]
    model_signature: bytes
    bill: bytes
    provenance: bytes
    evidence: tuple[bytes, ...]
    receipts: tuple[str, ...]
    checkpoint: bytes
    ring: KeyRing
    verdict: Digest
    origin: str
    at: datetime
    optional: Mapping[str, Digest] = field(default_factory=dict)

    def __post_init__(self) -> None:
        where = f"{self.name} {self.version}"
        if self.verdict not in {Digest.of(line) for line in self.evidence}:
            raise InputError("the gate's verdict is not among the evidence", where=where)
        if len(self.receipts) != len(self.evidence):
            raise InputError(f"{len(self.receipts)} receipts for {len(self.evidence)} pieces of evidence", where=where)
        if any(b"\n" in line for line in self.evidence):
            raise InputError("an envelope with a line break", where=where, hint="evidence is canonical JSON")
        if not self.sealed or self.sealed.keys() & PART_FILES:
            raise InputError("no sealed model, or one under the name of another part", where=where)

    def files(self) -> Mapping[str, bytes]:
        """Every file but the manifest and its envelope."""
        return {
            **self.sealed,
            MODEL_SIGNATURE_FILE: self.model_signature,
            BILL_FILE: self.bill,
            PROVENANCE_FILE: self.provenance,
            EVIDENCE_FILE: b"".join(line + b"\n" for line in self.evidence),
            PROOFS_FILE: b"".join(canonical_json(text) + b"\n" for text in self.receipts),
            CHECKPOINT_FILE: self.checkpoint,
            RING_FILE: self.ring.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Release:
    """A release as it was read; nobody's signature is verified yet.

    Raises VerificationError when ``files`` are others than the manifest names.
    """

    manifest: Manifest
    envelope: bytes
    files: Mapping[str, bytes]

    def __post_init__(self) -> None:
        unknown = sorted(self.files.keys() - self.manifest.files.keys())
        missing = sorted(self.manifest.files.keys() - self.files.keys())
        if unknown or missing:
            raise VerificationError(
                f"the files are not those of the manifest: unknown {unknown[:3]}, missing {missing[:3]}",
                where=self.manifest.folder,
            )

    def check_digests(self) -> None:
        """Return when every file has the size and digest of the manifest; raises VerificationError otherwise."""
        for name, entry in self.manifest.files.items():
            if len(self.files[name]) != entry.size or Digest.of(self.files[name]) != entry.digest:
                raise VerificationError("a file is not the one of the manifest", where=name)

    @property
    def sealed(self) -> Mapping[str, bytes]:
        """The files that hold the encrypted model."""
        return {name: data for name, data in self.files.items() if name not in PART_FILES}

    @property
    def evidence(self) -> tuple[bytes, ...]:
        """The signed envelopes, in the order of the ledger."""
        return _lines(self.files[EVIDENCE_FILE])

    @property
    def receipts(self) -> tuple[str, ...]:
        """The receipt of each piece of evidence; raises VerificationError when the file is not made of them."""
        try:
            return tuple(msgspec.json.decode(line, type=str) for line in _lines(self.files[PROOFS_FILE]))
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise VerificationError("not a line of JSON text for each receipt", where=PROOFS_FILE) from None


def write_release(folder: Path, parts: ReleaseParts, signer: Signer) -> Path:
    """Write the release as ``folder/<name>-<version>``, signed by ``signer``, and return where it lies.

    It appears under its name complete and durable, or not at all. Raises InputError when it exists already, or a part
    cannot be.
    """
    files = parts.files()
    manifest = Manifest(
        name=parts.name,
        version=parts.version,
        model=parts.model,
        signature=parts.signature,
        verdict=parts.verdict,
        origin=parts.origin,
        at=parts.at,
        files={name: FileEntry(Digest.of(data), len(data)) for name, data in files.items()},
        optional=parts.optional,
    )
    target = folder / manifest.folder
    write_folder(target, {**files, MANIFEST_FILE: manifest.to_json(), ENVELOPE_FILE: manifest.sign(signer)})
    return target


def read_release(folder: Path) -> Release:
    """Read a release; ``verify_release`` says whether to trust it.

    Raises InputError when there is none, and VerificationError that names the file when one is missing, unknown, a
    link, larger than allowed, or not the one of the manifest.
    """
    try:
        release = read_files(folder)
        release.check_digests()
    except VerificationError as error:
        where = error.where if error.where.startswith(str(folder)) else str(folder / error.where)
        raise VerificationError(error.what, where=where, hint=error.hint or CHANGED) from None
    return release


def read_files(folder: Path) -> Release:
    """Read a release as ``read_release`` does, but for the digests of its files: those are left to be checked."""
    with ReleaseFolder.open(folder) as opened:
        envelope = opened.read(ENVELOPE_FILE, _MAX_MANIFEST_BYTES)
        manifest = Manifest.claimed(envelope)
        if opened.read(MANIFEST_FILE, _MAX_MANIFEST_BYTES) != manifest.to_json():
            raise VerificationError("the manifest is not the one that was signed", where=str(folder / MANIFEST_FILE))
        names = opened.names(MAX_FILES + 2) - {MANIFEST_FILE, ENVELOPE_FILE}
        files = {name: opened.read(name, _size(manifest, name)) for name in sorted(names)}
    return Release(manifest, envelope, files)


def _lines(data: bytes) -> tuple[bytes, ...]:
    """Lines of a file in which every line ends with a line feed."""
    *lines, rest = data.split(b"\n")
    if rest:
        raise VerificationError("the last line is cut off")
    return tuple(lines)


def _size(manifest: Manifest, name: str) -> int:
    if name not in manifest.files:
        raise VerificationError(f"the file {name[:80]!r} is not in the manifest", where=manifest.folder)
    return manifest.files[name].size
