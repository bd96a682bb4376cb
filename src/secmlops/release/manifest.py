"""The manifest of a release: which model it is, every file with its digest, and the verdict that let it out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

import msgspec

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.core.json import Json
from secmlops.release.names import (
    ENVELOPE_FILE,
    MANIFEST_FILE,
    MODEL_FILE,
    OPTIONAL_FILES,
    PART_FILES,
    RELEASE_TYPE,
    SCHEMA_VERSION,
    SIGNATURE_FILE,
)
from secmlops.trust import dsse
from secmlops.trust.canonical import canonical_json
from secmlops.trust.keys import Signer
from secmlops.trust.moment import read_moment, write_moment
from secmlops.trust.statement import PAYLOAD_TYPE, attest_statement, statement

MAX_FILES = 64
MAX_RELEASE_BYTES = 4 * 1024**3
"""All files together. A release is read into memory whole, so this bounds memory, too."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """Digest and size (bytes) of one file of the release."""

    digest: Digest
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the releaser signs.

    ``model`` and ``signature`` are the digests of the opened ``model.onnx`` and ``signature.json``, ``verdict`` that of
    the signed evidence of the gate, ``origin`` the name of the ledger, ``at`` the moment of release. ``files`` are all
    files but the manifest itself and its envelope; ``optional`` the digests of the opened files that not every release
    has, by name. Raises InputError for a name that could not be a file's, a file that every release has and this one
    has not, or none that could be the sealed model.
    """

    name: str
    version: str
    model: Digest
    signature: Digest
    verdict: Digest
    origin: str
    at: datetime
    files: Mapping[str, FileEntry]
    optional: Mapping[str, Digest] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InputError(f"{self.name[:80]!r} is not a name", hint="lower case, digits, dots, dashes, at most 64")
        if not _VERSION.fullmatch(self.version):
            raise InputError(f"{self.version[:80]!r} is not a version", hint="for example 1.4.0")
        for name in self.files:
            if not _NAME.fullmatch(name) or name in {MANIFEST_FILE, ENVELOPE_FILE}:
                raise InputError(f"{name[:80]!r} cannot be a file of a release")
        missing = PART_FILES - self.files.keys()
        if missing or len(self.files) == len(PART_FILES) or len(self.files) > MAX_FILES:
            raise InputError(
                f"a release of {len(self.files)} files, without {', '.join(sorted(missing)) or 'nothing'}",
                hint=f"every release has {', '.join(sorted(PART_FILES))} and the sealed model",
            )
        if unknown := sorted(self.optional.keys() - OPTIONAL_FILES.keys()):
            raise InputError(f"{unknown[0][:80]!r} is no optional file", hint=f"those are {', '.join(OPTIONAL_FILES)}")
        if (size := sum(f.size for f in self.files.values())) > MAX_RELEASE_BYTES:
            raise InputError(f"a release of {size} bytes", hint=f"at most {MAX_RELEASE_BYTES}")

    @property
    def folder(self) -> str:
        """Name of the release's folder."""
        return f"{self.name}-{self.version}"

    @property
    def opened(self) -> Mapping[str, Digest]:
        """Digests of all files that are sealed, as they are when opened."""
        return {MODEL_FILE: self.model, SIGNATURE_FILE: self.signature, **self.optional}

    def to_json(self) -> bytes:
        """Canonical JSON of the manifest."""
        return canonical_json(self._predicate())

    def sign(self, signer: Signer) -> bytes:
        """DSSE envelope over the in-toto statement that this is a release of the model."""
        return attest_statement(RELEASE_TYPE, {MODEL_FILE: self.model}, self._predicate(), signer)

    @classmethod
    def claimed(cls, envelope: bytes) -> "Manifest":
        """Manifest in an envelope whose signature has not been verified; raises VerificationError for other bytes."""
        read = dsse.Envelope.from_json(envelope)
        if read.payload_type != PAYLOAD_TYPE or read.to_json() != envelope:
            raise VerificationError("not an envelope around an in-toto statement, in canonical form")
        try:
            manifest = _manifest(msgspec.json.decode(read.payload, type=_StatementJson))
            exact = statement(RELEASE_TYPE, {MODEL_FILE: manifest.model}, manifest._predicate())  # noqa: SLF001  # own
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise VerificationError(f"not the manifest of a release: {error}") from None
        except InputError as error:
            raise VerificationError(f"not the manifest of a release: {error.what}", hint=error.hint) from None
        if exact != read.payload:
            raise VerificationError("a manifest that is not in canonical form, or about another subject")
        return manifest

    def _predicate(self) -> Mapping[str, Json]:
        optional = {name: str(digest) for name, digest in self.optional.items()}
        return {
            "schema_version": SCHEMA_VERSION,
            "name": self.name,
            "version": self.version,
            "model": str(self.model),
            "signature": str(self.signature),
            "verdict": str(self.verdict),
            "origin": self.origin,
            "at": write_moment(self.at),
            "files": {name: {"digest": str(f.digest), "size": f.size} for name, f in self.files.items()},
            **({"optional": optional} if optional else {}),  # as it was before there were any
        }


class _FileJson(msgspec.Struct, forbid_unknown_fields=True):
    digest: str
    size: Annotated[int, msgspec.Meta(ge=0)]


class _ManifestJson(msgspec.Struct, forbid_unknown_fields=True):
    schema_version: int
    name: str
    version: str
    model: str
    signature: str
    verdict: str
    origin: str
    at: str
    files: dict[str, _FileJson]
    optional: dict[str, str] = {}


class _StatementJson(msgspec.Struct):
    predicate: _ManifestJson


def _manifest(read: _StatementJson) -> Manifest:
    said = read.predicate
    if said.schema_version != SCHEMA_VERSION:
        raise InputError(f"a release of format {said.schema_version}", hint=f"this version reads {SCHEMA_VERSION}")
    return Manifest(
        name=said.name,
        version=said.version,
        model=Digest.parse(said.model),
        signature=Digest.parse(said.signature),
        verdict=Digest.parse(said.verdict),
        origin=said.origin,
        at=read_moment(said.at),
        files={name: FileEntry(Digest.parse(f.digest), f.size) for name, f in said.files.items()},
        optional={name: Digest.parse(digest) for name, digest in said.optional.items()},
    )
