import dataclasses
from datetime import timedelta

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.core.evidence import Outcome
from secmlops.release.bundle import read_release
from secmlops.release.evidence_checks import EvidenceChecks
from secmlops.trust.roles import KeyRing, Role


def checks(world, **changes) -> EvidenceChecks:
    release = read_release(world.release(**changes))
    return EvidenceChecks(release, world.ring, release.manifest.origin)


def test_what_was_seen_is_told(world) -> None:
    case = checks(world)
    assert case.evidence().startswith("6 pieces")
    assert case.verdict().startswith("open since 2026-03-01 09:00 UTC")
    assert case.checkpoint().startswith("6 entries of secmlops.test/credit")
    assert case.receipts() == "6 pieces of evidence are in the ledger"


def test_a_gate_that_said_no_is_not_open(world) -> None:
    world.verdict(outcome=Outcome.FAILED)
    with pytest.raises(VerificationError, match="the gate said failed"):
        checks(world).verdict()


def test_a_gate_that_opened_after_the_release_was_made_is_refused(world) -> None:
    with pytest.raises(VerificationError, match="after the release"):
        checks(world, at=world.ring.entries[0].since + timedelta(minutes=1)).verdict()


def test_an_older_verdict_than_the_latest_is_refused(world) -> None:
    earlier = world.parts().verdict
    world.verdict(outcome=Outcome.FAILED)
    with pytest.raises(VerificationError, match="latest verdict"):
        checks(world, verdict=earlier).verdict()


def test_a_release_without_a_verdict_is_refused(world) -> None:
    parts = world.parts()
    rest = {"evidence": parts.evidence[:-1], "receipts": parts.receipts[:-1]}
    with pytest.raises(VerificationError, match="latest verdict"):
        checks(world, **rest, verdict=Digest.of(parts.evidence[0])).verdict()


def test_receipts_under_another_checkpoint_are_refused(world) -> None:
    before = world.parts()
    world.evidence("assurance.fairness", Role.VALIDATOR)
    now = world.ledger.checkpoint()
    with pytest.raises(VerificationError, match="another checkpoint"):
        checks(
            world, evidence=before.evidence, receipts=before.receipts, verdict=before.verdict, checkpoint=now
        ).receipts()


def test_receipts_must_stand_beside_their_evidence_in_order(world) -> None:
    parts = world.parts()
    swapped = (parts.receipts[1], parts.receipts[0], *parts.receipts[2:])
    with pytest.raises(VerificationError, match="another entry"):
        checks(world, receipts=swapped).receipts()
    turned = {"evidence": parts.evidence[1::-1] + parts.evidence[2:], "receipts": swapped, "version": "2"}
    with pytest.raises(VerificationError, match="another order"):
        checks(world, **turned).receipts()


def test_what_evidence_says_was_made_must_be_what_is_there(world) -> None:
    case = checks(world)
    case.made("release.bom", "bom", world.bill)
    case.made("release.scan", "report", b"no evidence speaks of it")
    with pytest.raises(VerificationError, match="not the bytes"):
        case.made("release.bom", "bom", b"another")


def test_without_a_log_key_there_is_no_checkpoint(world) -> None:
    without = KeyRing(tuple(e for e in world.ring.entries if e.role is not Role.LOG))
    with pytest.raises(VerificationError, match="no log key"):
        dataclasses.replace(checks(world), ring=without).checkpoint()


def test_each_piece_of_evidence_has_its_own_receipt(world) -> None:
    case = checks(world)
    files = dict(case.release.files)
    files["proofs.jsonl"] = files["proofs.jsonl"].split(b"\n", 1)[1]
    fewer = EvidenceChecks(dataclasses.replace(case.release, files=files), world.ring, case.origin)
    with pytest.raises(VerificationError, match="5 receipts for 6"):
        fewer.receipts()
