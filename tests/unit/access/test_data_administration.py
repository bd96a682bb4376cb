"""Giving and taking rights: each change is in the ledger when it is done, and what cannot be done changes nothing."""

from datetime import UTC, datetime

import pytest

from secmlops.access.changes import User
from secmlops.access.data_administration import DataAdministration
from secmlops.access.data_right_book import DataRightBook
from secmlops.access.data_right_entries import append_right
from secmlops.access.data_rights import Holder, Right
from secmlops.access.entries import append_changes
from secmlops.core.errors import InputError

T0 = datetime(2026, 3, 1, tzinfo=UTC)
ADA, ENGINEERS = Holder("user", "ada"), Holder("role", "engineer")


@pytest.fixture
def book(ledger, ring, signer):
    append_changes(ledger, [User(name="ada", roles=("viewer",), version=1, at=T0)], signer)
    return DataRightBook(ledger, lambda: ring, b"k" * 32)


@pytest.fixture
def administration(ledger, signer, book):
    return DataAdministration(book, lambda: T0, lambda right: append_right(ledger, right, signer))


def test_rights_add_up_and_each_change_is_an_entry(administration, ledger):
    size = ledger.size
    administration.grant("loans.csv", ADA, Right.VIEW, ["a"])
    administration.grant("loans.csv", ADA, Right.VIEW, ["b"])
    right = administration.grant("loans.csv", ADA, Right.MODIFY, ["*"])
    assert (right.view, right.modify, right.version) == (("a", "b"), ("*",), 3)
    assert ledger.size == size + 3


def test_a_right_is_taken_away_column_by_column_or_as_a_whole(administration):
    administration.grant("loans.csv", ENGINEERS, Right.VIEW, ["a", "b", "c"])
    assert administration.revoke("loans.csv", ENGINEERS, Right.VIEW, ["b"]).view == ("a", "c")
    assert administration.revoke("loans.csv", ENGINEERS, Right.VIEW, ["*"]).view == ()


def test_a_right_of_somebody_who_was_removed_can_still_be_taken_away(administration, ledger, signer):
    administration.grant("loans.csv", ADA, Right.VIEW, ["a"])
    append_changes(ledger, [User(name="ada", roles=(), version=2, at=T0, removed=True)], signer)
    with pytest.raises(InputError, match="never granted"):
        administration.revoke("loans.csv", ADA, Right.VIEW, ["a"])  # it ended with the user


@pytest.mark.parametrize("holder", [Holder("user", "eve"), Holder("role", "ada")])
def test_nobody_is_given_nothing(administration, ledger, holder):
    size = ledger.size
    with pytest.raises(InputError, match="there is no"):
        administration.grant("loans.csv", holder, Right.VIEW, ["a"])
    assert ledger.size == size


@pytest.mark.parametrize(
    ("granted", "taken", "told"),
    [((), ["*"], "a right to view was never"), (("a",), ["a", "b"], "column 'b' was never"), (("*",), ["a"], "on all")],
)
def test_what_was_not_granted_is_not_taken_away(administration, ledger, granted, taken, told):
    if granted:
        administration.grant("loans.csv", ADA, Right.VIEW, granted)
    size = ledger.size
    with pytest.raises(InputError, match=told):
        administration.revoke("loans.csv", ADA, Right.VIEW, taken)
    assert ledger.size == size


def test_of_two_changes_at_once_the_first_counts_and_the_second_is_told(book, ledger, signer):
    def overtaken(right):
        first = right.without(Right.VIEW, ["*"]).adding(Right.VIEW, ["z"])
        append_right(ledger, first, signer)
        append_right(ledger, right, signer)

    with pytest.raises(InputError, match="somebody else"):
        DataAdministration(book, lambda: T0, overtaken).grant("loans.csv", ADA, Right.VIEW, ["a"])
    assert book.refresh().rights.get("loans.csv", ADA).view == ("z",)
