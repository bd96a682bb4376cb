"""Columns are read and destroyed by those who may, as long as they may, and on record."""

from pathlib import Path

import pyarrow as pa
import pytest

from kits.columns_world import AT, DATASET, World, applications
from secmlops.access.changes import Role, User
from secmlops.access.data_administration import DataAdministration
from secmlops.access.data_right_book import DataRightBook
from secmlops.access.data_right_entries import append_right
from secmlops.access.data_rights import Holder, Right
from secmlops.access.entries import append_changes
from secmlops.access.permissions import Permission
from secmlops.core.errors import GateShutError, InputError, VerificationError
from secmlops.core.evidence import Evidence, Outcome
from secmlops.data.columns import guarded as module
from secmlops.data.columns.catalogue import StoredDataSet
from secmlops.data.columns.guarded import GuardedColumns
from secmlops.ledger.log import Ledger
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import KeyRing
from secmlops.trust.roles import Role as Duty

LOANS = StoredDataSet("loans.csv", DATASET, AT)
ANALYST = Role(name="analyst", permissions=(Permission("data.read", "data:loans.csv/loans"),), version=1, at=AT)


class Office:
    """Columns behind rights: ada is an analyst, bob an engineer, eve nothing."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.signer = PrivateKey.generate(Algorithm.ED25519)
        self.ledger = ledger
        self.said: list[Evidence] = []
        ring = KeyRing().with_key(self.signer.public, Duty.GATEWAY, AT)
        users = {"ada": ("analyst",), "bob": ("engineer",), "eve": ("viewer",)}
        changes = [User(name=name, roles=roles, version=1, at=AT) for name, roles in users.items()]
        append_changes(ledger, [ANALYST, *changes], self.signer)
        self.book = DataRightBook(ledger, lambda: ring, b"k" * 32)
        self.rights = DataAdministration(self.book, lambda: AT, lambda right: append_right(ledger, right, self.signer))
        self.columns = GuardedColumns(world.store, self.book, self.said.append, lambda: AT)

    def grant(self, user: str, right: Right, *columns: str) -> None:
        self.rights.grant(LOANS.name, Holder("user", user), right, columns)

    def read(self, user: str, *columns: str) -> pa.Table:
        return pa.concat_tables(self.columns.read(LOANS, user, columns or None).tables)


@pytest.fixture
def office(stored: World, tmp_path: Path) -> Office:
    return Office(stored, Ledger.open(tmp_path / "ledger.db", PrivateKey.generate(Algorithm.ED25519), "test/columns"))


def test_each_reads_what_they_may_and_nothing_else_is_unwrapped(office, stored):
    assert office.read("ada").equals(applications().select(["loans"]))
    assert stored.was_asked_for("loans")
    for name in ("income", "purpose", "married", "born", "applied"):
        assert not stored.was_asked_for(name)
    assert office.read("bob").equals(applications())


def test_whoever_may_see_nothing_is_refused_before_any_key_is_asked_for(office, stored):
    with pytest.raises(GateShutError, match="no right to view: any column"):
        office.read("eve")
    assert not any(stored.was_asked_for(name) for name in applications().column_names)
    (said,) = office.said
    assert (said.outcome, said.findings[0].message) == (Outcome.FAILED, "read by user:eve: no right to view: no column")


def test_a_column_that_one_may_not_see_is_refused_and_so_are_the_others_asked_for_with_it(office, stored):
    with pytest.raises(GateShutError, match="'income'"):
        office.read("ada", "loans", "income")
    assert not stored.was_asked_for("loans")
    assert office.said[0].outcome is Outcome.FAILED


def test_whether_a_hidden_column_exists_is_not_told(office):
    for column in ("income", "never heard of"):
        with pytest.raises(GateShutError, match="no right to view"):
            office.read("ada", column)
    with pytest.raises(InputError, match="no column 'never heard of'"):
        office.read("bob", "never heard of")


def test_what_is_no_column_is_not_put_on_record(office):
    """It may be anything that somebody typed, also what personal data they looked for."""
    with pytest.raises(GateShutError, match="'Ada Lovelace', 'income'"):
        office.read("ada", "loans", "Ada Lovelace", "income")
    with pytest.raises(GateShutError):
        office.columns.destroy(LOANS, "ada", "Ada Lovelace")
    told = [said.findings[0].message for said in office.said]
    assert told == [
        "read by user:ada: no right to view: 'income'",
        "destroy by user:ada: no right to modify: no column",
    ]


def test_a_reading_is_on_record_before_a_value_is_given_out(office):
    reading = office.columns.read(LOANS, "ada")
    (said,) = office.said
    assert (said.control.id, said.outcome, said.findings[0].message) == (
        "data.read",
        Outcome.PASSED,
        "read by user:ada: 'loans'",
    )
    assert (reading.columns, reading.hidden, reading.destroyed) == (("loans",), 5, ())


def test_what_cannot_be_put_on_record_is_not_read(office, stored):
    def full(_: Evidence) -> None:
        raise InputError("the disk is full")

    columns = GuardedColumns(stored.store, office.book, full, lambda: AT)
    with pytest.raises(InputError, match="full"):
        columns.read(LOANS, "bob")
    with pytest.raises(InputError, match="full"):
        columns.destroy(LOANS, "bob", "income")
    assert stored.store.columns(DATASET)["income"]


def test_a_right_that_was_granted_opens_a_column(office):
    office.grant("eve", Right.VIEW, "income", "born")
    assert office.read("eve").equals(applications().select(["income", "born"]))


@pytest.mark.parametrize("end", ["grant", "role of the user", "role", "user"])
def test_a_right_that_ends_stops_a_reading_under_way(office, monkeypatch, end):
    monkeypatch.setattr(module, "PART_ROWS", 100)
    office.grant("eve", Right.VIEW, "loans")
    user = "eve" if end == "grant" else "ada"
    tables = office.columns.read(LOANS, user).tables
    assert next(tables).num_rows == 100
    if end == "grant":
        office.rights.revoke(LOANS.name, Holder("user", "eve"), Right.VIEW, ["*"])
    else:
        ended = {
            "role of the user": User(name="ada", roles=("viewer",), version=2, at=AT),
            "role": Role(name="analyst", permissions=(), version=2, at=AT, removed=True),
            "user": User(name="ada", roles=("analyst",), version=2, at=AT, removed=True),
        }
        append_changes(office.ledger, [ended[end]], office.signer)
    with pytest.raises(GateShutError, match="ended after 100 rows"):
        next(tables)
    assert [said.outcome for said in office.said] == [Outcome.PASSED, Outcome.FAILED]
    assert list(tables) == []


def test_a_change_that_leaves_the_right_does_not_stop_it(office, monkeypatch):
    monkeypatch.setattr(module, "PART_ROWS", 100)
    tables = office.columns.read(LOANS, "ada").tables
    first = next(tables)
    office.grant("eve", Right.VIEW, "loans")
    assert pa.concat_tables([first, *tables]).equals(applications().select(["loans"]))


def test_a_destroyed_column_is_left_out_or_told(office, stored):
    stored.store.destroy_column(DATASET, "income")
    reading = office.columns.read(LOANS, "bob")
    assert (reading.destroyed, len(reading.columns)) == (("income",), 5)
    assert pa.concat_tables(reading.tables).equals(applications().drop_columns(["income"]))
    with pytest.raises(InputError, match="'income' was destroyed"):
        office.read("bob", "income")


def test_who_may_see_only_what_was_destroyed_is_told_so(office, stored):
    stored.store.destroy_column(DATASET, "loans")
    with pytest.raises(InputError, match="'loans' was destroyed"):
        office.read("ada")


def test_viewing_is_not_destroying_and_destroying_not_viewing(office, stored):
    with pytest.raises(GateShutError, match="no right to modify: 'loans'"):
        office.columns.destroy(LOANS, "ada", "loans")
    office.grant("eve", Right.MODIFY, "born")
    office.columns.destroy(LOANS, "eve", "born")
    assert stored.store.columns(DATASET)["born"] is False
    assert [said.control.id for said in office.said] == ["data.destroy", "data.destroy"]
    with pytest.raises(GateShutError, match="no right to view"):
        office.read("eve", "born")


def test_somebody_who_is_no_user(office):
    with pytest.raises(InputError, match="no user 'mallory'"):
        office.read("mallory")
    assert office.said == []


def test_what_was_altered_stops_a_reading_and_that_is_on_record(office, stored):
    path = stored.path("loans")
    data = bytearray(path.read_bytes())
    data[200] ^= 1
    tables = office.columns.read(LOANS, "ada").tables
    path.write_bytes(data)
    with pytest.raises(VerificationError):
        list(tables)
    assert [said.outcome for said in office.said] == [Outcome.PASSED, Outcome.FAILED]
    assert "not what was stored" in office.said[1].findings[0].message
