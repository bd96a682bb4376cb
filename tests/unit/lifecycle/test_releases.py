"""The releases of a project: numbered by name, and only those of the ledger."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.ledger.book import EvidenceBook
from secmlops.ledger.log import Ledger
from secmlops.lifecycle.releases import PUBLISH_CONTROL, next_version, publications, published_release
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import KeyRing, Role

NOW = datetime(2026, 3, 1, tzinfo=UTC)
RELEASER, ENGINEER, LOG = (PrivateKey.generate(Algorithm.ED25519) for _ in range(3))
RING = KeyRing().with_key(RELEASER.public, Role.RELEASER, NOW).with_key(ENGINEER.public, Role.ENGINEER, NOW)


@pytest.fixture
def book(tmp_path: Path) -> EvidenceBook:
    return EvidenceBook(Ledger.open(tmp_path / "ledger.db", LOG, "test/releases"), RING)


def publish(book: EvidenceBook, folder: str, signer: PrivateKey = RELEASER) -> None:
    subject = Subject(SubjectKind.RELEASE, folder, Digest.of(folder.encode()))
    reference = ControlRef(PUBLISH_CONTROL, "1", Digest.of(b"{}"))
    materials = {"verdict": Digest.of(b"verdict"), "model": Digest.of(b"model")}
    book.append(Evidence(reference, Stage.RELEASE, subject, Outcome.PASSED, NOW, materials=materials), signer)


def test_publications_are_those_of_the_name_in_the_order_of_the_ledger(book: EvidenceBook) -> None:
    for folder in ("credit-1", "credit-risk-7", "credit-2", "credit-x", "credit-03"):
        publish(book, folder)
    assert [p.folder for p in publications(book, "credit")] == ["credit-1", "credit-2"]
    assert [p.folder for p in publications(book, "credit-risk")] == ["credit-risk-7"]


def test_what_another_role_calls_published_is_not(book: EvidenceBook) -> None:
    publish(book, "credit-1", ENGINEER)
    assert publications(book, "credit") == []


def test_a_number_is_never_given_twice(book: EvidenceBook, tmp_path: Path) -> None:
    assert next_version([], tmp_path, "credit") == 1
    publish(book, "credit-4")
    for folder in ("credit-2", "credit-risk-90", "credit-notes"):
        (tmp_path / folder).mkdir()
    assert next_version(publications(book, "credit"), tmp_path, "credit") == 5
    (tmp_path / "credit-9").mkdir()
    assert next_version(publications(book, "credit"), tmp_path, "credit") == 10


def test_a_name_that_was_never_published_is_told_with_those_that_were(book: EvidenceBook, tmp_path: Path) -> None:
    publish(book, "credit-1")
    for folder in ("credit-2", "../credit-1", ""):
        with pytest.raises(InputError, match="published: credit-1"):
            published_release(book, tmp_path, "credit", folder)
