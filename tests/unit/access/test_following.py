"""Following a ledger: every entry once, none passed over, nothing believed that the signed root does not vouch for."""

import sqlite3
from contextlib import closing

import pytest

from secmlops.access import following
from secmlops.access.following import Follower
from secmlops.core.errors import InputError, VerificationError


def data_of(record):
    return record.data


def test_each_entry_of_the_kind_is_read_once_and_in_order(ledger):
    follower = Follower(ledger, "access")
    assert follower.step(data_of) == []
    ledger.append([("access", b"1"), ("prediction", b"x"), ("access", b"2")])
    ledger.append([("prediction", b"y")])
    assert follower.step(data_of) == [b"1", b"2"]
    assert follower.step(data_of) == []
    ledger.append([("access", b"3")])
    assert follower.step(data_of) == [b"3"]


def test_a_long_way_is_taken_in_chunks(ledger, monkeypatch):
    monkeypatch.setattr(following, "CHUNK", 7)
    ledger.append([("access", str(n).encode()) for n in range(40)])
    assert Follower(ledger, "access").step(data_of) == [str(n).encode() for n in range(40)]


def test_a_step_costs_what_is_new_and_not_the_whole_ledger(ledger, monkeypatch):
    ledger.append([("prediction", b"old")] * 2000)
    follower = Follower(ledger, "access")
    follower.step(data_of)
    ledger.append([("access", b"new")])
    hashed = []
    real = following.leaf_hash
    monkeypatch.setattr(following, "leaf_hash", lambda leaf: hashed.append(leaf) or real(leaf))
    assert follower.step(data_of) == [b"new"]
    assert len(hashed) == 1


def test_an_entry_that_cannot_be_read_is_never_passed_over(ledger):
    follower = Follower(ledger, "access")
    ledger.append([("access", b"good"), ("access", b"bad")])

    def strict(record):
        if record.data == b"bad":
            raise VerificationError("bad")
        return record.data

    for _ in range(3):
        with pytest.raises(VerificationError, match="bad"):
            follower.step(strict)
    assert follower.step(data_of) == [b"good", b"bad"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entries SET data = x'00' WHERE idx = 1",
        "UPDATE entries SET kind = 'prediction' WHERE idx = 1",
        "DELETE FROM entries WHERE idx = 1",
        "DELETE FROM entries WHERE idx = 2",
        "DELETE FROM entries",
    ],
)
def test_rows_changed_behind_the_ledgers_back_are_told(ledger, tmp_path, change):
    follower = Follower(ledger, "access")
    ledger.append([("access", b"0"), ("access", b"1"), ("access", b"2")])
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection, connection:
        connection.execute(change)
    for _ in range(2):
        with pytest.raises(VerificationError):
            follower.step(data_of)


def test_a_row_changed_after_it_was_read_is_left_to_the_audit(ledger, tmp_path):
    follower = Follower(ledger, "access")
    ledger.append([("access", b"0")])
    follower.step(data_of)
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection, connection:
        connection.execute("UPDATE entries SET data = x'00' WHERE idx = 0")
    ledger.append([("access", b"1")])
    assert follower.step(data_of) == [b"1"]  # what was read was read: only an audit looks back


def test_a_closed_ledger_cannot_be_followed(ledger):
    follower = Follower(ledger, "access")
    ledger.close()
    with pytest.raises(InputError):
        follower.step(data_of)
