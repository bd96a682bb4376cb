"""Verifying what someone hands over, offline: a release, a receipt, or a file beside its model signature."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, SecmlopsError, VerificationError
from secmlops.core.json import Json
from secmlops.ledger.checkpoint import read_checkpoint
from secmlops.ledger.entry import open_leaf
from secmlops.ledger.receipt import HEADER, MAX_RECEIPT_SIZE, Receipt, verify_receipt
from secmlops.release.bundle import Release, read_release
from secmlops.release.verify import Check, verify_release
from secmlops.serving.record import PREDICTION, PredictionRecord
from secmlops.trust.keys import PublicKey
from secmlops.trust.model_signing import verify_model
from secmlops.trust.roles import KeyRing, Role
from secmlops.workspace import STATE, Workspace

MODEL_BYTES = "model bytes"


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at, every check that was made, and facts that the checks vouch for.

    ``unchecked`` names what was left out because the verifier asked for it.
    """

    what: str
    name: str
    checks: tuple[Check, ...]
    facts: Mapping[str, Json]
    unchecked: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there was something to check and all of it holds."""
        return bool(self.checks) and all(check.ok for check in self.checks)

    def to_json(self) -> dict[str, Json]:
        """Return what the JSON output tells."""
        checks: list[Json] = [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in self.checks]
        return {
            "what": self.what,
            "name": self.name,
            "verified": self.ok,
            "checks": checks,
            "facts": self.facts,
            "unchecked": list(self.unchecked),
        }


def verify_path(path: Path, ring: KeyRing, *, signature: Path | None = None, sealed: bool = False) -> Verification:
    """Verify whatever lies at ``path`` with the keys of ``ring``.

    ``sealed`` accepts that the model of a release cannot be opened here: everything but its bytes is then checked.
    Raises InputError for something that cannot be verified because it carries no signature.
    """
    if path.is_dir():
        return _release(path, ring, sealed)
    if not path.is_file():
        raise InputError("neither a folder nor a plain file", where=str(path))
    if _begins_as_receipt(path):
        return _receipt(path, ring)
    beside = signature or path.with_name(f"{path.name}.sig")
    if beside.is_file():
        return _signed_file(path, beside, ring)
    hint = f"releases are folders, receipts begin with {HEADER}, signed files have their signature in {beside.name}"
    raise InputError("there is nothing here that can be verified", where=str(path), hint=hint)


def _release(path: Path, ring: KeyRing, sealed: bool) -> Verification:
    release = read_release(path)
    opened = None if sealed else _opened(path, release)
    checks = verify_release(release, ring, opened=opened)
    if sealed:
        checks = tuple(c for c in checks if c.name != MODEL_BYTES)
    facts = {
        "name": release.manifest.name,
        "version": release.manifest.version,
        "model": str(release.manifest.model),
        "origin": release.manifest.origin,
    }
    return Verification("release", release.manifest.folder, checks, facts, (MODEL_BYTES,) if sealed else ())


def _opened(path: Path, release: Release) -> dict[str, bytes] | None:
    """Return the decrypted files where the release lies in its project and the vault is at hand."""
    project = path.resolve().parent.parent
    return Workspace(project).opened(release) if (project / STATE).is_dir() else None


def _begins_as_receipt(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(HEADER)) == HEADER.encode()


def _receipt(path: Path, ring: KeyRing) -> Verification:
    if path.stat().st_size > MAX_RECEIPT_SIZE:
        raise VerificationError("too large for a receipt", where=str(path))
    text = path.read_text(encoding="utf-8", errors="replace")
    leaf, key = _proven(text, ring)
    kind, data = open_leaf(leaf)
    receipt = Receipt.parse(text)
    index, origin = receipt.index, read_checkpoint(receipt.checkpoint, [key]).origin
    checks = [
        Check("log", True, origin),
        Check("checkpoint", True, f"signed by log key {key.key_id[:12]}"),
        Check("inclusion", True, f"entry {index} is in the log"),
    ]
    facts: dict[str, Json] = {"origin": origin, "index": index, "kind": kind, "entry": str(Digest.of(data))}
    if kind == PREDICTION:
        record = PredictionRecord.from_json(data)
        facts["prediction"] = msgspec.to_builtins(record)
        checks.append(Check("prediction", True, f"{record.id} by model {record.model[7:19]} at {record.at:%F %T} UTC"))
    return Verification("receipt", path.name, tuple(checks), facts)


def _proven(text: str, ring: KeyRing) -> tuple[bytes, PublicKey]:
    keys = ring.keys(Role.LOG)
    why: SecmlopsError = VerificationError("no log key is trusted", hint="give the log's public key with --trust")
    for key in keys:
        try:
            return verify_receipt(text, key), key
        except VerificationError as error:
            why = error
    raise why


def _signed_file(path: Path, signature: Path, ring: KeyRing) -> Verification:
    files = {path.name: path.read_bytes()}
    why: SecmlopsError = VerificationError("no model key is trusted", hint="give the signer's key with --trust")
    for key in ring.keys(Role.MODEL):
        try:
            verify_model(signature.read_bytes(), files, key)
        except VerificationError as error:
            why = error
        else:
            digest = str(Digest.of(files[path.name]))
            checks = (
                Check("model signature", True, f"signed by model key {key.key_id[:12]}"),
                Check("file", True, digest),
            )
            return Verification("signed file", path.name, checks, {"digest": digest})
    raise why
