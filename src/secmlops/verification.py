"""Verifying what someone hands over, offline: a release, a receipt, or a file beside its model signature."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import msgspec

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.core.json import Json
from secmlops.data.differential_privacy.account import RELEASED
from secmlops.ledger.book import EVIDENCE
from secmlops.ledger.checkpoint import read_checkpoint
from secmlops.ledger.entry import open_leaf
from secmlops.ledger.receipt import HEADER, MAX_RECEIPT_SIZE, Receipt, verify_receipt
from secmlops.release.bundle import Release, read_files
from secmlops.release.folder import ReleaseFolder
from secmlops.release.manifest import Manifest
from secmlops.release.names import (
    BILL_FILE,
    CHECKPOINT_FILE,
    ENVELOPE_FILE,
    EVIDENCE_FILE,
    MANIFEST_FILE,
    MODEL_SIGNATURE_FILE,
    PROOFS_FILE,
    PROVENANCE_FILE,
    RING_FILE,
)
from secmlops.release.verify import Check, verify_release
from secmlops.serving.record import PREDICTION, PredictionRecord
from secmlops.trust import dsse
from secmlops.trust.attestation import read_attestation
from secmlops.trust.dsse import MAX_ENVELOPE_BYTES
from secmlops.trust.keys import Algorithm, PublicKey
from secmlops.trust.model_signing import read_bundle, verify_model
from secmlops.trust.roles import KeyRing, Role
from secmlops.workspace import STATE, Workspace

FILES = "files"
MODEL_BYTES = "model bytes"
SEALED = "not checked: the model is sealed, and its key is not here; --sealed checks all the rest"
UNREACHED = "not checked: the release cannot be read as a whole"
DAMAGED = "do not use it; get it again from whoever made it"
FILES_OF_CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "manifest signature": ENVELOPE_FILE,
        "model signature": MODEL_SIGNATURE_FILE,
        "evidence": EVIDENCE_FILE,
        "verdict": EVIDENCE_FILE,
        "checkpoint": CHECKPOINT_FILE,
        "receipts": PROOFS_FILE,
        "provenance": PROVENANCE_FILE,
        "bill of materials": BILL_FILE,
        "key ring": RING_FILE,
    }
)
"""The file of a release that each check reads."""


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

    @property
    def advice(self) -> str:
        """What to do about the checks that do not hold; empty when all do."""
        failed = [check for check in self.checks if not check.ok]
        if [check.name for check in failed] == [MODEL_BYTES] and failed[0].detail == SEALED:
            return "verify it in its project, or accept with --sealed that the model stays encrypted and unread"
        trust = "if someone else signed it whom you trust, name their public keys with --trust"
        return f"{DAMAGED}; {trust}" if failed else ""

    def to_json(self) -> dict[str, Json]:
        """Return what the JSON output tells."""
        checks: list[Json] = [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in self.checks]
        return {
            "what": self.what,
            "name": self.name,
            "verified": self.ok,
            "checks": checks,
            "advice": self.advice,
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
    try:
        release = read_files(path)
    except VerificationError as error:
        if not os.path.lexists(path / ENVELOPE_FILE):
            raise VerificationError(error.what, where=error.where, hint=error.hint or DAMAGED) from None
        return _unreadable(path, error)
    opened, why = (None, SEALED) if sealed else _opened(path, release)
    checks = tuple(_explained(c, path, why) for c in verify_release(release, ring, opened=opened))
    if sealed:
        checks = tuple(c for c in checks if c.name != MODEL_BYTES)
    facts = {
        "name": release.manifest.name,
        "version": release.manifest.version,
        "model": str(release.manifest.model),
        "origin": release.manifest.origin,
    }
    return Verification("release", release.manifest.folder, checks, facts, (MODEL_BYTES,) if sealed else ())


def _unreadable(path: Path, error: VerificationError) -> Verification:
    """Verification of a release that cannot be read as a whole: it names the file, and checks nothing else."""
    name = Path(error.where).name or ENVELOPE_FILE
    named = error.where == str(path / name) or os.path.lexists(path / name)
    told = f"{error.what} in {ENVELOPE_FILE}" if name == MANIFEST_FILE else error.what
    what = _difference(path, name) or told
    failed = Check(FILES, False, f"{path / name if named else path}: {what}")
    rest = (Check(check, False, UNREACHED) for check in (*FILES_OF_CHECKS, MODEL_BYTES))
    return Verification("release", path.name, (failed, *rest), {})


def _difference(path: Path, name: str) -> str:
    """How the file differs from what the manifest says of it; empty when it does not, or is none of its files."""
    with ReleaseFolder.open(path) as folder:
        try:
            said = Manifest.claimed(folder.read(ENVELOPE_FILE, MAX_ENVELOPE_BYTES)).files.get(name)
            if said is None:
                return ""
            size = (path / name).lstat().st_size
            if size != said.size:
                return f"not the file of the manifest: {said.size:,} bytes expected, {size:,} found"
            found = Digest.of(folder.read(name, said.size))
        except (VerificationError, OSError):
            return ""  # what was wrong in the first place says more
    expected = f"sha256 {said.digest.short}… expected, {found.short}… found"
    return "" if found == said.digest else f"not the file of the manifest: {expected}"


def _explained(check: Check, path: Path, unopened: str) -> Check:
    """Check whose detail names the file it is about, when it does not hold; ``unopened`` says why no model was read."""
    if check.ok:
        return check
    if check.name == MODEL_BYTES and unopened:
        return Check(check.name, False, unopened)
    if check.name == FILES:
        name = check.detail.partition(": ")[0]
        return Check(check.name, False, f"{path / name}: {_difference(path, name) or check.detail}")
    file = FILES_OF_CHECKS.get(check.name, "")
    told = check.detail if not file or check.detail.startswith(f"{file}: ") else f"{file}: {check.detail}"
    return Check(check.name, False, told)


def _opened(path: Path, release: Release) -> tuple[dict[str, bytes] | None, str]:
    """Return the decrypted files where the release lies in its project and the vault is at hand, or else why not."""
    project = path.resolve().parent.parent
    if not (project / STATE).is_dir():
        return None, SEALED
    try:
        return Workspace(project).opened(release), ""
    except VerificationError as error:
        return None, f"not opened: {error.what}{f' ({error.hint})' if error.hint else ''}"


def _begins_as_receipt(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(HEADER)) == HEADER.encode()


def _receipt(path: Path, ring: KeyRing) -> Verification:
    size = path.stat().st_size
    if size > MAX_RECEIPT_SIZE:
        what = f"too large for a receipt: {size:,} bytes, at most {MAX_RECEIPT_SIZE:,} are read"
        raise VerificationError(what, where=str(path), hint=DAMAGED)
    text = path.read_text(encoding="utf-8", errors="replace")
    with _placed(path):
        leaf, key = _proven(text, ring)
        kind, data = open_leaf(leaf)
        receipt = Receipt.parse(text)
        index, origin = receipt.index, read_checkpoint(receipt.checkpoint, [key]).origin
        record = PredictionRecord.from_json(data) if kind == PREDICTION else None
        attested = tuple(_attested(path, data, ring)) if kind == EVIDENCE else ()
    checks = [
        Check("log", True, origin),
        Check("checkpoint", True, f"signed by log key {key.key_id[:12]}"),
        Check("inclusion", True, f"entry {index} is in the log"),
        *attested,
    ]
    facts: dict[str, Json] = {"origin": origin, "index": index, "kind": kind, "entry": str(Digest.of(data))}
    if record:
        facts["prediction"] = msgspec.to_builtins(record)
        checks.append(Check("prediction", True, f"{record.id} by model {record.model[7:19]} at {record.at:%F %T} UTC"))
    return Verification("receipt", path.name, tuple(checks), facts)


def _attested(path: Path, data: bytes, ring: KeyRing) -> Iterator[Check]:
    """Whether who may signed the evidence, what it says, and whether the released file beside its receipt is that."""
    verified = read_attestation(data, ring)
    evidence, beside = verified.evidence, path.with_suffix("")
    said = (f"{evidence.control.id} {evidence.outcome}, {evidence.subject}", *(f.message for f in evidence.findings))
    yield Check("evidence", bool(verified.roles), ": ".join(said[:2]))
    if evidence.control.id == RELEASED and path.suffix == ".receipt" and beside.is_file():
        found, expected = Digest.of(beside.read_bytes()), evidence.subject.digest
        told = f"{beside.name} is sha256 {found.short}…"
        yield Check("file", found == expected, told if found == expected else f"{told}, released was {expected.short}…")


def _proven(text: str, ring: KeyRing) -> tuple[bytes, PublicKey]:
    """Leaf that the receipt proves, and the trusted key that signed its checkpoint."""
    keys = ring.keys(Role.LOG)
    if not keys:
        raise VerificationError("no log key is trusted", hint="give the log's public key with --trust")
    checkpoint = Receipt.parse(text).checkpoint
    try:
        read_checkpoint(checkpoint, keys)
    except VerificationError as error:
        trusted = ", ".join(key.key_id[:12] for key in keys)
        hint = "if these are the keys of the log, the receipt was changed; if not, name its keys with --trust"
        raise VerificationError(f"{error.what}; log keys trusted here: {trusted}", hint=hint) from None
    key = next(key for key in keys if _signed_by(key, checkpoint))
    return verify_receipt(text, key), key


def _signed_by(key: PublicKey, checkpoint: bytes) -> bool:
    try:
        read_checkpoint(checkpoint, [key])
    except VerificationError:
        return False
    return True


def _signed_file(path: Path, signature: Path, ring: KeyRing) -> Verification:
    files = {path.name: path.read_bytes()}
    keys = [key for key in ring.keys(Role.MODEL) if key.algorithm is not Algorithm.ED25519]
    if not keys:
        raise VerificationError("no model key is trusted", where=str(path), hint="give the signer's key with --trust")
    found = Digest.of(files[path.name])
    with _placed(signature):
        bundle = signature.read_bytes()
        key = _signer(bundle, keys)
    with _placed(path, f"this is sha256 {found.short}…, signed in {signature.name} is another"):
        verify_model(bundle, files, key)
    checks = (
        Check("model signature", True, f"signed by model key {key.key_id[:12]}"),
        Check("file", True, str(found)),
    )
    return Verification("signed file", path.name, checks, {"digest": str(found)})


def _signer(bundle: bytes, keys: Sequence[PublicKey]) -> PublicKey:
    """First of the trusted keys whose signature in the bundle holds."""
    return dsse.verify(read_bundle(bundle).envelope, keys)[0]


@contextmanager
def _placed(path: Path, told: str = "") -> Iterator[None]:
    """Give every VerificationError the file it is about, and something to do."""
    try:
        yield
    except VerificationError as error:
        where = f"{path}, {error.where}" if error.where else str(path)
        what = f"{error.what}: {told}" if told else error.what
        raise VerificationError(what, where=where, hint=error.hint or DAMAGED) from None
