"""Who may ask, what it costs, and that nothing is drawn that was not paid."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from kits.columns_world import Provider
from secmlops.access.changes import User
from secmlops.access.data_right_book import DataRightBook
from secmlops.access.entries import append_changes
from secmlops.core.digest import Digest
from secmlops.core.errors import GateShutError, InputError
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.finding import Severity
from secmlops.core.policy import Attested
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.differential_privacy.account import account_of
from secmlops.data.differential_privacy.desk import AccountBook, PrivacyDesk
from secmlops.data.differential_privacy.loss import PrivacyLoss
from secmlops.data.differential_privacy.persons import Source
from secmlops.data.differential_privacy.query import Mean, Query
from secmlops.data.differential_privacy.record import limit_set, spent
from secmlops.data.differential_privacy.shelf import Shelf
from secmlops.ledger.log import Ledger
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import KeyRing, Role
from secmlops.vault.vault import Vault

AT = datetime(2026, 3, 1, tzinfo=UTC)
PROJECT = Subject(SubjectKind.PROJECT, "loans", Digest.of(b"loans/1"))
LOANS = Subject(SubjectKind.DATASET, "loans.csv", Digest.of(b"rows"))
SOURCE = Source(LOANS, pa.table({"who": ["a", "b"], "age": [30, 40]}), "who")
TENTH = Query(PrivacyLoss(0.1))
DUTY = frozenset({"engineer"})


class Office:
    """A desk over a list in place of a ledger; turns are counted."""

    def __init__(self, folder: Path, **users: str) -> None:
        signer = PrivateKey.generate(Algorithm.ED25519)
        ring = KeyRing().with_key(signer.public, Role.GATEWAY, AT)
        ledger = Ledger.open(folder / "ledger.db", PrivateKey.generate(Algorithm.ED25519), "test/desk")
        if users:
            changes = [User(name=name, roles=(role,), version=1, at=AT) for name, role in users.items()]
            append_changes(ledger, changes, signer)
        self.said: list[Attested] = []
        self.vault = Vault.local(folder / "vault", Provider(), "loans")
        self.turns = 0
        rights = DataRightBook(ledger, lambda: ring, b"k" * 32)
        book = AccountBook(lambda: self.said, self.record, self.turn, Shelf(self.vault))
        self.desk = PrivacyDesk(PROJECT, rights, book, lambda: AT)

    def record(self, evidence: Evidence) -> Attested:
        self.said.append(Attested(evidence, DUTY, len(self.said)))
        return self.said[-1]

    @contextmanager
    def turn(self) -> Iterator[None]:
        self.turns += 1
        yield


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    made.desk.set_limit(PrivacyLoss(0.25, 1e-8), "loans.csv", None)
    return made


def test_the_budget_is_spent_once_and_then_the_desk_is_shut(office):
    for _ in range(2):
        office.desk.draw(SOURCE, TENTH, None)
    with pytest.raises(
        GateShutError, match=r"the budget is spent: epsilon 0.1 is asked for, epsilon 0.05, delta 1e-08"
    ):
        office.desk.draw(SOURCE, TENTH, None)
    office.desk.draw(SOURCE, Query(PrivacyLoss(0.05)), None)
    account = office.desk.account()
    assert (account.left, account.spent, len(account.paid)) == (PrivacyLoss(0, 1e-8), PrivacyLoss(0.25), 3)
    assert office.said[3].evidence.outcome is Outcome.FAILED


def test_delta_is_kept_as_well(office):
    with pytest.raises(GateShutError, match="budget is spent"):
        office.desk.draw(SOURCE, Query(PrivacyLoss(0.1, 1e-7), ("age",)), None)


def test_without_a_budget_nothing_is_released(tmp_path):
    with pytest.raises(GateShutError, match="no budget was set"):
        Office(tmp_path).desk.draw(SOURCE, TENTH, None)


def test_what_cannot_be_stored_is_not_paid_and_what_was_not_paid_is_destroyed(office, monkeypatch):
    def full(*_):
        raise InputError("no space left on device")

    book = office.desk._book
    for place, name, value in ((office.vault, "put", full), (office.desk, "_book", replace(book, record=full))):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, value)
            with pytest.raises(InputError):
                office.desk.draw(SOURCE, TENTH, None)
    assert office.desk.account().paid == ()
    (unpaid,) = office.vault.list()
    bought = office.desk.draw(SOURCE, TENTH, None)
    (paid,) = office.vault.list()
    assert unpaid != paid
    assert paid.digest == bought.paid.evidence.materials["release"]


def test_what_was_paid_can_be_fetched_again_at_no_cost_by_whoever_may(tmp_path):
    office = Office(tmp_path, ada="viewer", bob="engineer")
    office.desk.set_limit(PrivacyLoss(1.0), "loans.csv", "bob")
    bought = office.desk.draw(SOURCE, Query(PrivacyLoss(0.1), means=(Mean("age", 0, 99),)), "bob")
    assert office.desk.again(bought.paid.index, "bob") == (bought.drawn, bought.paid)
    assert office.desk.account().spent == PrivacyLoss(0.1)
    with pytest.raises(GateShutError, match="ada: no right to view: age"):
        office.desk.again(bought.paid.index, "ada")
    with pytest.raises(InputError, match="entry 0 paid for no release"):
        office.desk.again(0, "bob")
    office.vault.destroy(bought.paid.evidence.materials["release"], "dp-release")
    with pytest.raises(InputError, match="not kept"):
        office.desk.again(bought.paid.index, "bob")


@pytest.mark.parametrize(
    "query",
    [
        Query(PrivacyLoss(0.1), means=(Mean("income", 0, 1),)),
        Query(PrivacyLoss(0.1), means=(Mean("who", 0, 1),)),
        Query(PrivacyLoss(0.1, 1e-17), ("age",)),
    ],
)
def test_a_query_that_cannot_be_answered_costs_nothing(office, query):
    with pytest.raises(InputError):
        office.desk.draw(SOURCE, query, None)
    assert office.desk.account().paid == ()


def test_of_two_that_come_at_once_the_ledger_takes_the_first(office):
    """Somebody on another machine, with another lock, appends between the look at the account and the entry."""
    inner = office.record

    def late(evidence):
        if evidence.control.id == "data.privacy-spent":
            inner(spent(PROJECT, LOANS, Query(PrivacyLoss(0.2)), "user:eve", AT))
        return inner(evidence)

    office.desk._book = replace(office.desk._book, record=late)
    with pytest.raises(GateShutError, match=r"epsilon 0.05"):
        office.desk.draw(SOURCE, TENTH, None)
    assert office.desk.account().paid == (1,)


def test_users_need_a_right_and_whoever_names_none_is_refused(tmp_path):
    office = Office(tmp_path, ada="viewer", bob="engineer")
    office.desk.set_limit(PrivacyLoss(1.0), "loans.csv", "bob")
    age = Query(PrivacyLoss(0.1), means=(Mean("age", 0, 99),))
    with pytest.raises(GateShutError, match="ada: no right to view: age"):
        office.desk.draw(SOURCE, age, "ada")
    with pytest.raises(GateShutError, match="no right to modify"):
        office.desk.set_limit(PrivacyLoss(9.0), "loans.csv", "ada")
    for user in (None, "operator"):
        with pytest.raises(InputError):
            office.desk.draw(SOURCE, age, user)
    office.desk.draw(SOURCE, age, "bob")
    said = [(str(a.evidence.outcome), a.evidence.findings[0].message) for a in office.said]
    assert said[1] == ("failed", "refused to user:ada: no right to view")
    assert said[-1] == (
        "passed",
        "epsilon 0.1 for counts, mean of age from 0 to 99, at most 1 rows of a person, by user:bob",
    )


def test_a_larger_budget_is_a_warning_on_record(office):
    office.desk.set_limit(PrivacyLoss(0.2, 1e-8), "loans.csv", None)
    office.desk.set_limit(PrivacyLoss(0.3, 1e-8), "loans.csv", None)
    assert [a.evidence.findings[0].severity for a in office.said] == [Severity.NOTE, Severity.NOTE, Severity.WARNING]
    assert office.turns == 3


def test_what_goes_out_tells_nothing_of_the_table(office):
    """Not its digest either: whoever knows all rows but one could try that one against it."""
    bought = office.desk.draw(SOURCE, TENTH, None)
    released, paid = bought.released, bought.paid
    recorded = office.desk.record(bought.drawn, paid)
    assert office.desk.record(bought.drawn, paid) == recorded
    evidence = recorded.evidence
    assert evidence.subject.digest == Digest.of(bought.drawn.data)
    assert LOANS.digest not in evidence.materials.values()
    assert evidence.measures == {"epsilon": 0.1, "delta": 0.0, "spent_entry": float(paid.index)}
    assert "one person (who)" in evidence.findings[0].message
    assert released.table.num_rows == 1


def attested(evidence: Evidence, roles: frozenset[str] = DUTY) -> Attested:
    return Attested(evidence, roles, 0)


def test_what_was_spent_counts_even_if_its_key_counts_no_more():
    """A revoked key, or a clock before the key's period, must not give anything back; nor may it give a budget."""
    limit = limit_set(PROJECT, PrivacyLoss(1.0), account_of([]), "operator", AT)
    paid = spent(PROJECT, LOANS, Query(PrivacyLoss(0.7)), "operator", AT)
    assert account_of([attested(limit), attested(paid, frozenset())]).left == PrivacyLoss(0.3)
    assert account_of([attested(limit, frozenset())]).limit is None


def test_a_smaller_budget_than_was_spent_leaves_nothing():
    limits = [limit_set(PROJECT, PrivacyLoss(e), account_of([]), "operator", AT) for e in (1.0, 0.5)]
    paid = spent(PROJECT, LOANS, Query(PrivacyLoss(0.7)), "operator", AT)
    account = account_of([attested(limits[0]), attested(paid), attested(limits[1]), attested(paid)])
    assert (account.left, account.spent) == (PrivacyLoss(0.0), PrivacyLoss(0.7))
