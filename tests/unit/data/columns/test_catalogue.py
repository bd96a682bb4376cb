"""Which data sets are stored is what the ledger says, by keys that may say so."""

from datetime import timedelta
from pathlib import Path

import pytest

from kits.columns_world import AT, DATASET, OTHER
from secmlops.core.errors import InputError
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.columns.catalogue import data_set_named, stored_data_sets
from secmlops.ledger.book import EvidenceBook
from secmlops.ledger.log import Ledger
from secmlops.trust.canonical import digest_of
from secmlops.trust.local import LocalKeys
from secmlops.trust.roles import Role


@pytest.fixture
def keys(tmp_path: Path) -> LocalKeys:
    return LocalKeys.create(tmp_path / "keys", lambda: AT)


@pytest.fixture
def book(tmp_path: Path, keys: LocalKeys) -> EvidenceBook:
    return EvidenceBook(Ledger.open(tmp_path / "ledger.db", keys.signer(Role.LOG), "test/catalogue"), keys.ring)


def protected(name: str, product=DATASET, control="data.protect", outcome=Outcome.PASSED) -> Evidence:
    return Evidence(
        control=ControlRef(control, "3", digest_of({})),
        stage=Stage.DATA,
        subject=Subject(SubjectKind.DATASET, name, OTHER),
        outcome=outcome,
        at=AT + timedelta(minutes=1),
        products={"protected": product} if product else {},
    )


def test_the_latest_version_of_each_counts(book, keys):
    for evidence in (protected("a.csv", OTHER), protected("b.csv"), protected("a.csv")):
        book.append(evidence, keys.signer(Role.ENGINEER))
    known = stored_data_sets(book)
    assert {name: known[name].digest for name in known} == {"a.csv": DATASET, "b.csv": DATASET}
    assert known["a.csv"].subject == Subject(SubjectKind.DATASET, "a.csv", DATASET)


def test_what_a_key_says_that_may_not_say_it_counts_for_nothing(book, keys):
    book.append(protected("a.csv"), keys.signer(Role.VALIDATOR))
    assert not stored_data_sets(book)


@pytest.mark.parametrize(
    "evidence",
    [protected("a.csv", None), protected("a.csv", control="data.schema"), protected("a.csv", outcome=Outcome.FAILED)],
)
def test_what_made_no_protected_table_is_none(book, keys, evidence):
    book.append(evidence, keys.signer(Role.ENGINEER))
    assert not stored_data_sets(book)


@pytest.mark.parametrize("name", ["data/loans.csv", "loans"])
def test_a_data_set_has_the_name_of_its_file(book, keys, name):
    book.append(protected("data/loans.csv"), keys.signer(Role.ENGINEER))
    assert data_set_named(book, name).name == "data/loans.csv"


def test_a_name_that_two_could_have_names_neither(book, keys):
    for name in ("a/loans.csv", "b/loans.csv"):
        book.append(protected(name), keys.signer(Role.ENGINEER))
    with pytest.raises(InputError, match="2 data sets"):
        data_set_named(book, "loans")
    assert data_set_named(book, "b/loans.csv").name == "b/loans.csv"


def test_what_there_is_not_is_told_with_what_there_is(book, keys):
    with pytest.raises(InputError) as refused:
        data_set_named(book, "loans")
    assert "secmlops run" in refused.value.hint
    book.append(protected("loans.csv"), keys.signer(Role.ENGINEER))
    with pytest.raises(InputError) as refused:
        data_set_named(book, "loan")
    assert "loans.csv" in refused.value.hint
