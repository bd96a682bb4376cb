"""Evidence in the ledger: what was appended is read back, verified, in order, by every reader."""

from datetime import UTC, datetime

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.ledger.book import EVIDENCE, EvidenceBook
from secmlops.ledger.log import Ledger
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import KeyRing, Role

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ENGINEER = PrivateKey.generate(Algorithm.ED25519)
RING = KeyRing().with_key(ENGINEER.public, Role.ENGINEER, NOW)


def evidence(control: str = "data.schema", measure: float = 1.0) -> Evidence:
    return Evidence(
        control=ControlRef(control, "1", Digest.of(b"settings")),
        stage=Stage.DATA,
        subject=Subject(SubjectKind.DATASET, "t.csv", Digest.of(b"table")),
        outcome=Outcome.PASSED,
        at=NOW,
        measures={"rows": measure},
    )


@pytest.fixture
def book(ledger: Ledger) -> EvidenceBook:
    return EvidenceBook(ledger, RING)


def test_an_empty_ledger_holds_no_evidence(book: EvidenceBook) -> None:
    assert list(book.all()) == []
    assert book.latest("data.schema") is None


def test_what_was_appended_is_read_back_with_its_roles_and_place(book: EvidenceBook) -> None:
    first = book.append(evidence(measure=1.0), ENGINEER)
    second = book.append(evidence(measure=2.0), ENGINEER)
    assert list(book.all()) == [first, second]
    assert (first.index, second.index, second.roles) == (0, 1, frozenset({"engineer"}))
    assert book.latest("data.schema") == second


def test_evidence_of_others_shows_up_and_is_read_once(book: EvidenceBook, path, signer) -> None:
    book.append(evidence(), ENGINEER)
    assert len(book.all()) == 1
    with Ledger.open(path, signer, book.ledger.origin) as other:
        other.append([("note", b"something else")])
        EvidenceBook(other, RING).append(evidence(measure=9.0), ENGINEER)
    assert [a.evidence.measures["rows"] for a in book.all()] == [1.0, 9.0]
    assert [a.index for a in book.all()] == [0, 2]


def test_a_key_that_may_not_attest_the_control_has_no_role(book: EvidenceBook) -> None:
    assert book.append(evidence("assurance.performance"), ENGINEER).roles == frozenset()


def test_what_a_stranger_signed_is_not_even_written(book: EvidenceBook) -> None:
    with pytest.raises(VerificationError, match="not in the key ring"):
        book.append(evidence(), PrivateKey.generate(Algorithm.ED25519))
    assert book.ledger.size == 0


def test_evidence_that_does_not_verify_is_refused_every_time(ledger: Ledger, book: EvidenceBook) -> None:
    book.append(evidence(), ENGINEER)
    ledger.append([(EVIDENCE, b'{"payload": "not signed"}')])
    book.append(evidence(measure=2.0), ENGINEER)
    for _ in range(2):
        with pytest.raises(VerificationError):
            book.all()


def test_a_key_that_is_revoked_or_added_while_the_book_is_open_counts_so(ledger: Ledger) -> None:
    rings = [RING]
    book = EvidenceBook(ledger, lambda: rings[-1])
    book.append(evidence(), ENGINEER)
    (before,) = book.all()
    assert (before.roles, before.revoked) == (frozenset({"engineer"}), False)
    fresh = PrivateKey.generate(Algorithm.ED25519)
    rings.append(RING.with_key(fresh.public, Role.ENGINEER, NOW).revoking(ENGINEER.key_id))
    book.append(evidence(), fresh)
    assert [(bool(a.roles), a.revoked) for a in book.all()] == [(False, True), (True, False)]
    assert book.append(evidence("assurance.fit"), ENGINEER).revoked is False, "it never spoke for that"
