"""No record, no answer: a ledger that cannot be written, cannot be read, or was changed."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from kits.gateway_world import MAC_KEY, T0, GatewayWorld
from secmlops.access.book import AccessBook
from secmlops.access.entries import append_changes
from secmlops.core.errors import InputError, SecmlopsError, VerificationError
from secmlops.gateway.app import build_app
from secmlops.gateway.recorder import Recorder
from secmlops.ledger.log import Ledger
from secmlops.ledger.sqlite import SqliteStorage
from secmlops.trust.roles import Role


@pytest.fixture
def world(tmp_path: Path) -> Iterator[GatewayWorld]:
    made = GatewayWorld(tmp_path)
    yield made
    made.close()


class Failing(SqliteStorage):
    """A storage whose commits fail when it is told to."""

    error: SecmlopsError | OSError | None = None
    late = False

    @contextmanager
    def write(self):
        if self.error and not self.late:
            raise self.error
        with super().write() as writer:
            yield writer
            if self.error:
                raise self.error


@contextmanager
def over(world: GatewayWorld, storage: SqliteStorage) -> Iterator[None]:
    """Put the gateway's recorder over another storage of the same log."""
    ledger = Ledger(storage, world.keys[Role.LOG], world.traffic.origin)
    world.recorder.close()
    world.recorder = Recorder(ledger, world.ledger, lambda: T0)
    world.app = build_app(replace(world.gateway, recorder=world.recorder))
    yield
    world.recorder.close()
    ledger.close()


@pytest.mark.parametrize("late", [False, True], ids=["before the rows", "at the commit"])
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("the disk is full", where="/srv/secret/ledger.db"), 503),
        (VerificationError("the ledger was rolled back"), 503),
        (OSError(5, "Input/output error"), 500),
    ],
    ids=["disk full", "rolled back", "input and output"],
)
def test_a_ledger_that_cannot_be_written_gives_no_answer(world, error, status, late, caplog):
    key = world.grant()
    storage = Failing(world.folder / "traffic.db")
    with over(world, storage):
        assert world.infer(key).status == 200
        before = world.traffic.size
        storage.error, storage.late = error, late
        reply = world.infer(key, headers=[("Secmlops-Receipt", "wanted")])
        assert reply.status == status
        assert b"outputs" not in reply.body
        assert b"/srv" not in reply.body
        assert caplog.records
        assert world.traffic.size == before
        storage.error = None
        assert world.infer(key).status == 200


def test_a_database_that_another_writer_holds_gives_no_answer_and_no_hang(world):
    key = world.grant()
    with over(world, SqliteStorage(world.folder / "traffic.db", wait_s=0.2)):
        with closing(sqlite3.connect(world.folder / "traffic.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert world.infer(key).status == 503
            other.execute("ROLLBACK")
        assert world.infer(key).status == 200


def test_a_ledger_whose_rows_were_changed_gives_no_receipt(world):
    key = world.grant()
    index = world.infer(key).json["parameters"]["ledger_index"]
    with closing(sqlite3.connect(world.folder / "traffic.db")) as connection, connection:
        connection.execute("UPDATE entries SET data = zeroblob(9) WHERE idx = ?", (index,))
    assert world.ask("GET", f"/receipts/{index}", key).status == 503


def put_back(path: Path, during: Callable[[], None]) -> None:
    """Copy the database, do something, and put the copy back in place."""
    with closing(sqlite3.connect(path)) as now, closing(sqlite3.connect(path.with_suffix(".copy"))) as then:
        now.backup(then)
        during()
        then.backup(now)


def test_a_ledger_that_was_rolled_back_admits_nobody(world, caplog):
    key = world.grant()
    put_back(world.folder / "ledger.db", world.grant)
    assert world.infer(key).status == 503
    assert "rolled back" in caplog.text


def test_a_traffic_log_that_was_rolled_back_gives_no_answer(world, caplog):
    key = world.grant()
    put_back(world.folder / "traffic.db", lambda: world.infer(key))
    assert world.infer(key).status == 503
    assert "rolled back" in caplog.text
    with pytest.raises(VerificationError, match="rolled back"):
        world.recorder.close()


def test_deleting_a_withdrawal_from_the_database_brings_no_key_back(world):
    key = world.grant()
    (grant,) = world.book.state.grants.values()
    append_changes(world.ledger, [msgspec.structs.replace(grant, withdrawn=True)], world.keys[Role.GATEWAY])
    assert world.infer(key).status == 401
    with closing(sqlite3.connect(world.folder / "ledger.db")) as connection, connection:
        connection.execute("DELETE FROM entries WHERE idx = 1")
    with pytest.raises(VerificationError):  # a gateway that is started now reads everything anew
        AccessBook(world.ledger, world.ring, MAC_KEY)
    assert world.infer(key).status == 401


def take_away(path: Path, how: str) -> None:
    """Remove the database as an intruder would, or put another in its place."""
    if how == "replaced":
        path.with_suffix(".other").write_bytes(b"")
        path.with_suffix(".other").replace(path)
    else:
        path.unlink()


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_traffic_log_that_is_taken_away_gives_no_answer(world, how):
    key = world.grant()
    assert world.infer(key).status == 200
    kept = world.folder / "kept.db"
    kept.hardlink_to(world.folder / "traffic.db")
    take_away(world.folder / "traffic.db", how)
    assert world.infer(key).status == 503
    kept.replace(world.folder / "traffic.db")
    assert world.infer(key).status == 200


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_an_evidence_log_that_is_taken_away_admits_nobody(world, how, caplog):
    key = world.grant()
    assert world.infer(key).status == 200
    kept = world.folder / "kept.db"
    kept.hardlink_to(world.folder / "ledger.db")
    take_away(world.folder / "ledger.db", how)
    assert world.infer(key).status == 503
    assert "taken away" in caplog.text
    kept.replace(world.folder / "ledger.db")
    assert world.infer(key).status == 200
