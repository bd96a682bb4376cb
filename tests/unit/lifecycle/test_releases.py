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
from secmlops.lifecycle.releases import (
    PUBLISH_CONTROL,
    next_version,
    obstacle_to,
    publications,
    published_release,
    revocation_of,
)
from secmlops.release.names import GATE_CONTROL
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


MODEL = Digest.of(b"model")


def verdict(book: EvidenceBook, outcome: Outcome, signer: PrivateKey = RELEASER, model: Digest = MODEL, **more) -> None:
    subject = Subject(SubjectKind.MODEL, "credit", model)
    reference = ControlRef(GATE_CONTROL, "1", Digest.of(b"{}"))
    book.append(Evidence(reference, Stage.RELEASE, subject, outcome, NOW, **more), signer)


def test_without_a_verdict_nothing_may_be_used(book: EvidenceBook) -> None:
    publish(book, "credit-1")
    verdict(book, Outcome.PASSED, model=Digest.of(b"another"))
    verdict(book, Outcome.PASSED, ENGINEER)
    assert "no verdict" in obstacle_to(book, Digest.of(b"credit-1"), MODEL)


def test_the_latest_verdict_counts(book: EvidenceBook) -> None:
    release = Digest.of(b"credit-1")
    verdict(book, Outcome.PASSED)
    assert obstacle_to(book, release, MODEL) == ""
    verdict(book, Outcome.FAILED, model=Digest.of(b"another"))
    assert obstacle_to(book, release, MODEL) == ""
    for outcome in (Outcome.FAILED, Outcome.SKIPPED, Outcome.ERRORED):
        verdict(book, outcome)
        assert obstacle_to(book, release, MODEL) == "the gate has been shut for this model since 2026-03-01 00:00 UTC"
    verdict(book, Outcome.PASSED)
    assert obstacle_to(book, release, MODEL) == ""


def test_a_verdict_about_something_made_of_the_model_counts_too(book: EvidenceBook) -> None:
    verdict(book, Outcome.PASSED, model=Digest.of(b"candidate"), materials={"model": MODEL})
    assert obstacle_to(book, Digest.of(b"credit-1"), MODEL) == ""


def test_a_revocation_is_for_that_release_for_ever_and_tells_why(book: EvidenceBook) -> None:
    publish(book, "credit-1")
    publish(book, "credit-2")
    verdict(book, Outcome.PASSED)
    first, second = publications(book, "credit")
    evidence = revocation_of(first, "trained on mislabelled rows", NOW)
    assert (evidence.subject.name, evidence.materials) == ("credit-1", {"model": MODEL})
    book.append(evidence, ENGINEER)
    assert obstacle_to(book, first.envelope, MODEL) == ""  # not every role may revoke
    book.append(evidence, RELEASER)
    verdict(book, Outcome.PASSED)
    assert obstacle_to(book, first.envelope, MODEL) == "revoked 2026-03-01 00:00 UTC: trained on mislabelled rows"
    assert obstacle_to(book, second.envelope, MODEL) == ""


def test_before_the_first_release_the_next_step_is_told(book: EvidenceBook, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="secmlops run"):
        published_release(book, tmp_path, "credit")
