"""Verifying what someone hands over: what it is is told by what it carries, and nothing unsigned passes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.ledger.book import EvidenceBook
from secmlops.ledger.log import Ledger
from secmlops.ledger.receipt import HEADER
from secmlops.release.verify import Check
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.model_signing import sign_model
from secmlops.trust.roles import KeyRing, Role
from secmlops.verification import Verification, verify_path

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
LOG, OLD_LOG = PrivateKey.generate(Algorithm.ED25519), PrivateKey.generate(Algorithm.ED25519)
ENGINEER, STRANGER = PrivateKey.generate(Algorithm.ED25519), PrivateKey.generate(Algorithm.ED25519)
MODEL = PrivateKey.generate(Algorithm.ECDSA_P256)
RING = KeyRing().with_key(OLD_LOG.public, Role.LOG, SINCE).with_key(LOG.public, Role.LOG, SINCE)
RING = RING.with_key(MODEL.public, Role.MODEL, SINCE)


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    with Ledger.open(tmp_path / "ledger.db", LOG, "test/verification") as ledger:
        ledger.append([("note", b"first"), ("note", b"second")])
        file = tmp_path / "receipt"
        file.write_text(ledger.receipt(1), encoding="utf-8")
    return file


def test_nothing_checked_is_not_verified() -> None:
    assert not Verification("file", "x", (), {}).ok
    assert not Verification("file", "x", (Check("a", True, ""), Check("b", False, "")), {}).ok


def test_a_receipt_is_told_by_its_header(receipt: Path) -> None:
    verified = verify_path(receipt, RING)
    assert (verified.what, verified.ok, verified.facts["index"]) == ("receipt", True, 1)


def test_a_receipt_needs_a_trusted_log_key(receipt: Path) -> None:
    with pytest.raises(VerificationError, match="no log key is trusted"):
        verify_path(receipt, KeyRing())
    with pytest.raises(VerificationError, match=OLD_LOG.key_id[:12]) as refused:
        verify_path(receipt, KeyRing().with_key(OLD_LOG.public, Role.LOG, SINCE))
    assert refused.value.where == str(receipt)
    assert "--trust" in refused.value.hint


def test_a_changed_proof_is_told_so_though_other_log_keys_are_trusted_too(receipt: Path) -> None:
    head, _, checkpoint = receipt.read_text(encoding="utf-8").partition("\n\n")
    *lines, sibling = head.split("\n")
    other = ("A" if sibling[0] != "A" else "B") + sibling[1:]
    receipt.write_text("\n".join([*lines, other]) + "\n\n" + checkpoint, encoding="utf-8")
    later = PrivateKey.generate(Algorithm.ED25519)
    with pytest.raises(VerificationError, match="does not lead to the root") as refused:
        verify_path(receipt, RING.with_key(later.public, Role.LOG, SINCE))
    assert refused.value.where == str(receipt)


def test_a_receipt_that_does_not_parse_names_its_file(receipt: Path) -> None:
    receipt.write_text(HEADER + "\nnonsense\n\n", encoding="utf-8")
    with pytest.raises(VerificationError, match="names no entry") as refused:
        verify_path(receipt, RING)
    assert refused.value.where == str(receipt)


def test_a_key_of_another_role_proves_no_receipt(receipt: Path) -> None:
    with pytest.raises(VerificationError):
        verify_path(receipt, KeyRing().with_key(LOG.public, Role.GATEWAY, SINCE))


def _released(folder: Path, told: KeyRing, signer: PrivateKey, control: str = "data.release-dp") -> Path:
    """A table, and beside it the receipt of evidence about its bytes."""
    table, receipt = folder / "counts.csv", folder / "counts.csv.receipt"
    table.write_bytes(b"purpose,count\n")
    subject = Subject(SubjectKind.DATASET, "loans", Digest.of(table.read_bytes()))
    made = Evidence(ControlRef(control, "1", Digest.of(b"{}")), Stage.DATA, subject, Outcome.PASSED, SINCE)
    with Ledger.open(folder / "ledger.db", LOG, "test/verification") as ledger:
        entry = EvidenceBook(ledger, told).append(made, signer).index
        receipt.write_text(ledger.receipt(entry), encoding="utf-8")
    return table


def test_a_released_table_is_the_one_of_its_receipt_to_the_byte(tmp_path: Path) -> None:
    ring = RING.with_key(ENGINEER.public, Role.ENGINEER, SINCE)
    table = _released(tmp_path, ring, ENGINEER)
    receipt = table.with_name(f"{table.name}.receipt")
    verified = verify_path(receipt, ring)
    assert verified.ok
    assert [check.name for check in verified.checks[-2:]] == ["evidence", "file"]
    table.write_bytes(b"purpose,c0unt\n")
    assert [check.name for check in verify_path(receipt, ring).checks if not check.ok] == ["file"]
    table.unlink()
    assert [check.name for check in verify_path(receipt, ring).checks][-1] == "evidence"


def test_a_proven_entry_that_nobody_entitled_signed_is_no_evidence(tmp_path: Path) -> None:
    both = RING.with_key(STRANGER.public, Role.MODEL, SINCE).with_key(ENGINEER.public, Role.ENGINEER, SINCE)
    receipt = _released(tmp_path, both, STRANGER).with_name("counts.csv.receipt")
    assert [check.name for check in verify_path(receipt, both).checks if not check.ok] == ["evidence"]
    with pytest.raises(VerificationError, match="not in the key ring"):
        verify_path(receipt, RING)


def test_a_receipt_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "receipt"
    file.write_bytes(HEADER.encode() + b"x" * 20_000_000)
    with pytest.raises(VerificationError, match="too large"):
        verify_path(file, RING)


def test_a_signed_file_is_told_by_the_signature_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(b"weights")
    with pytest.raises(InputError, match="nothing here that can be verified"):
        verify_path(file, RING)
    (tmp_path / "model.bin.sig").write_bytes(sign_model({"model.bin": b"weights"}, MODEL, "model"))
    assert verify_path(file, RING).ok
    with pytest.raises(VerificationError, match="no model key is trusted"):
        verify_path(file, KeyRing())
    file.write_bytes(b"weighty")
    with pytest.raises(VerificationError):
        verify_path(file, RING)
