"""A gate: its verdict is recorded as evidence, and not twice."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from secmlops.core.digest import Digest
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.policy import AllOf, Require
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.gate import Gate
from secmlops.ledger.book import EvidenceBook
from secmlops.ledger.log import Ledger
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import KeyRing, Role

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEYS = {
    role: PrivateKey.generate(Algorithm.ED25519) for role in (Role.ENGINEER, Role.VALIDATOR, Role.RELEASER, Role.LOG)
}
RING = KeyRing()
for _role, _key in KEYS.items():
    RING = RING.with_key(_key.public, _role, NOW)
TABLE = Subject(SubjectKind.DATASET, "t.csv", Digest.of(b"table"))
GATE = Gate(Stage.DATA, AllOf((Require("data.schema", by="engineer"),)), TABLE, {"source": TABLE.digest})


@pytest.fixture
def book(tmp_path: Path) -> EvidenceBook:
    return EvidenceBook(Ledger.open(tmp_path / "ledger.db", KEYS[Role.LOG], "test/gate"), RING)


def say(book: EvidenceBook, control: str, stage: Stage, role: Role, outcome: Outcome = Outcome.PASSED) -> None:
    reference = ControlRef(control, "1", Digest.of(b"settings"))
    book.append(Evidence(reference, stage, TABLE, outcome, NOW), KEYS[role])


def recorded(book: EvidenceBook, now: datetime = NOW) -> Evidence:
    return GATE.record(book, GATE.judge(book, now), KEYS[Role.RELEASER], now)


def test_an_empty_ledger_shuts_the_gate_and_the_verdict_says_why(book: EvidenceBook) -> None:
    verdict = recorded(book)
    assert verdict.outcome is Outcome.FAILED
    assert [f.message for f in verdict.findings] == ["data.schema must pass: no evidence"]
    assert verdict.measures == {"rules": 1.0, "obstacles": 1.0}
    assert verdict.materials["source"] == TABLE.digest


def test_judging_records_nothing(book: EvidenceBook) -> None:
    GATE.judge(book, NOW)
    assert book.ledger.size == 0


def test_a_verdict_that_only_repeats_the_latest_is_not_appended_again(book: EvidenceBook) -> None:
    say(book, "data.schema", Stage.DATA, Role.ENGINEER)
    first = recorded(book)
    assert first.outcome is Outcome.PASSED
    say(book, "assurance.fit", Stage.ASSURANCE, Role.VALIDATOR)
    assert recorded(book, NOW + timedelta(hours=1)) == first, "later stages do not concern this gate"
    assert book.ledger.size == 3


def test_new_evidence_asks_for_a_new_verdict(book: EvidenceBook) -> None:
    say(book, "data.schema", Stage.DATA, Role.ENGINEER)
    recorded(book)
    say(book, "data.schema", Stage.DATA, Role.ENGINEER)
    again = recorded(book, NOW + timedelta(hours=1))
    assert again.at == NOW + timedelta(hours=1)


def test_a_verdict_that_changed_is_recorded(book: EvidenceBook) -> None:
    recorded(book)
    say(book, "data.schema", Stage.DATA, Role.ENGINEER)
    assert recorded(book).outcome is Outcome.PASSED
    say(book, "data.schema", Stage.DATA, Role.ENGINEER, Outcome.FAILED)
    assert recorded(book).outcome is Outcome.FAILED


def test_a_verdict_by_a_key_that_was_revoked_is_given_anew(book: EvidenceBook) -> None:
    say(book, "data.schema", Stage.DATA, Role.ENGINEER)
    first = recorded(book)
    fresh = PrivateKey.generate(Algorithm.ED25519)
    ring = RING.with_key(fresh.public, Role.RELEASER, NOW).revoking(KEYS[Role.RELEASER].key_id)
    after = EvidenceBook(book.ledger, ring)
    later = NOW + timedelta(hours=1)
    again = GATE.record(after, GATE.judge(after, later), fresh, later)
    assert (first.at, again.at, again.outcome) == (NOW, later, Outcome.PASSED)
    assert GATE.record(after, GATE.judge(after, later), fresh, later + timedelta(hours=1)) == again
    assert [bool(a.roles) for a in after.all()] == [True, False, True]
