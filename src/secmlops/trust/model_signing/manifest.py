"""What a model signature says: the files of a model with their digests, and how they were read and hashed."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self

import msgspec

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.core.json import Json
from secmlops.trust.model_signing.names import check_ignored, check_name
from secmlops.trust.statement import STATEMENT_TYPE, statement

PREDICATE_TYPE = "https://model_signing/signature/v1.0"
SINGLE_FILE = "."  # how the reference implementation named the file of a single-file model before its version 1.0.1
_SHARD = re.compile(r"(.+):(0|[1-9][0-9]*):([1-9][0-9]*)", re.ASCII | re.DOTALL)


class Hash(StrEnum):
    """The hash of a file's bytes. BLAKE3, which the standard leaves optional, is not read."""

    SHA256 = "sha256"
    BLAKE2B = "blake2b"

    @property
    def hex_digits(self) -> int:
        """How many hex digits a digest has."""
        return hashlib.new(self).digest_size * 2


class Serialization(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How files were read and hashed (section 5.2.2). ``shard_size``, in bytes, belongs to the method ``shards``."""

    method: Literal["files", "shards"]
    hash_type: Hash
    allow_symlinks: bool
    shard_size: int | None = None
    ignore_paths: tuple[str, ...] = ()


class Resource(msgspec.Struct, frozen=True):
    """One file, or with ``:start:end`` in its name one range of its bytes; ``digest`` is in lower-case hex."""

    name: str
    algorithm: Hash
    digest: str


class _PredicateJson(msgspec.Struct, forbid_unknown_fields=True):
    resources: tuple[Resource, ...]
    serialization: Serialization


class _SubjectJson(msgspec.Struct):
    name: str
    digest: dict[str, str]


class _StatementJson(msgspec.Struct, forbid_unknown_fields=True):
    type: str = msgspec.field(name="_type")
    subject: list[_SubjectJson]
    predicate_type: str = msgspec.field(name="predicateType")
    predicate: _PredicateJson


@dataclass(frozen=True, slots=True)
class Manifest:
    """A model's name (for people), its resources in order of their names, and how they were made."""

    name: str
    resources: tuple[Resource, ...]
    serialization: Serialization

    @classmethod
    def of(cls, name: str, digests: Mapping[str, str], serialization: Serialization) -> Self:
        """Manifest of the digests by name."""
        kind = serialization.hash_type
        return cls(name, tuple(Resource(n, kind, digests[n]) for n in sorted(digests)), serialization)

    @property
    def root(self) -> Digest:
        """SHA-256 over the raw digests of the resources in order (section 6.5.1): it names the whole model."""
        return Digest.of(b"".join(bytes.fromhex(r.digest) for r in self.resources))

    @property
    def digests(self) -> Mapping[str, str]:
        """Digests in hex, by the name of the resource."""
        return {r.name: r.digest for r in self.resources}

    def to_payload(self) -> bytes:
        """Canonical JSON of the in-toto Statement; raises InputError for a model without a name or files."""
        if not self.name or not self.resources:
            raise InputError("a model without a name or without files cannot be signed")
        said: Mapping[str, Json] = {
            "resources": [{"name": r.name, "algorithm": r.algorithm, "digest": r.digest} for r in self.resources],
            "serialization": msgspec.to_builtins(self.serialization),
        }
        return statement(PREDICATE_TYPE, {self.name: self.root}, said)

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        """Read a signed statement; raises VerificationError for whatever the standard does not allow."""
        try:
            read = msgspec.json.decode(payload, type=_StatementJson)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise VerificationError(f"not a statement about a model: {error}") from None
        if read.type != STATEMENT_TYPE or read.predicate_type != PREDICATE_TYPE:
            raise VerificationError("a statement of another type than model signatures have")
        if len(read.subject) != 1 or not read.subject[0].name:
            raise VerificationError("a model signature is about exactly one subject, with a name")
        manifest = cls(read.subject[0].name, read.predicate.resources, read.predicate.serialization)
        try:
            manifest._check()
        except InputError as error:
            raise VerificationError(error.what) from None
        if read.subject[0].digest.get("sha256") != manifest.root.hex:
            raise VerificationError("the digest of the model is not that of its files")
        return manifest

    def _check(self) -> None:
        how = self.serialization
        sharded = how.method == "shards"
        if sharded != (how.shard_size is not None) or (how.shard_size is not None and how.shard_size < 1):
            raise VerificationError("shards have a size of at least one byte, and only shards have one")
        for path in how.ignore_paths:
            check_ignored(path)
        names = [r.name for r in self.resources]
        if not names or len(set(names)) != len(names) or (not sharded and names != sorted(names)):
            raise VerificationError("the files are not in order, or one is listed twice, or there is none")
        digest_form = re.compile(f"[0-9a-f]{{{how.hash_type.hex_digits}}}")
        for resource in self.resources:
            if resource.algorithm is not how.hash_type or not digest_form.fullmatch(resource.digest):
                raise VerificationError(f"the digest of a file is not one of {how.hash_type}", where=resource.name[:80])
            _check_resource_name(resource.name, sharded=sharded, alone=len(names) == 1)


def _check_resource_name(name: str, *, sharded: bool, alone: bool) -> None:
    if sharded:
        found = _SHARD.fullmatch(name)
        if found is None or int(found[2]) >= int(found[3]):
            raise VerificationError("the name of a shard does not end in its range", where=name[:80])
        name = found[1]
    if not (alone and name == SINGLE_FILE):
        check_name(name)
