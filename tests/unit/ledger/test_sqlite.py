import os
import sqlite3
import threading

import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.entry import Entry
from secmlops.ledger.log import Ledger
from secmlops.ledger.sqlite import FORMAT, SqliteStorage
from secmlops.ledger.storage import Batch

ORIGIN = "ledger.example/test"


@pytest.fixture
def storage(path):
    opened = SqliteStorage(path, wait_s=0.05)
    yield opened
    opened.close()


def batch(first: int, count: int, size: int = 10) -> Batch:
    return Batch(first, [Entry("access", bytes(size))] * count, first, [bytes(32)] * count, b"note")


def test_the_file_is_private_durable_and_in_wal_mode(storage, path):
    assert path.stat().st_mode & 0o777 == 0o600
    assert storage._writer.execute("PRAGMA synchronous").fetchone() == (2,)
    assert storage._writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_batches_of_all_sizes_share_a_few_statements(storage):
    seen: list[str] = []
    storage._writer.set_trace_callback(seen.append)
    first = 0
    for count in (1, 2, 3, 100, 127, 200, 255, 257, 600):
        with storage.write() as writer:
            writer.add(batch(first, count))
        first += count
    storage._writer.set_trace_callback(None)
    sizes = {statement.count("), (") + 1 for statement in seen if statement.startswith("INSERT INTO entries")}
    assert sizes <= {2**power for power in range(9)}
    with storage.snapshot() as reader:
        assert [record.place for record in reader.entries(0, first + 1)] == list(range(first))


def test_a_writer_that_waits_for_its_turn_in_vain_is_told_so(storage, path):
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(InputError, match="another writer holds"), storage.write():
        pass
    holder.execute("ROLLBACK")
    holder.close()
    with storage.write() as writer:
        writer.add(batch(0, 1))


def test_a_thread_that_waits_for_its_turn_in_vain_is_told_so(storage):
    with storage.write():
        failures = []

        def wait():
            try:
                with storage.write():
                    pass
            except InputError as error:
                failures.append(error.what)

        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
    assert failures == ["another writer holds the ledger for too long"]


def test_a_full_disk_loses_nothing_that_was_recorded(storage):
    with storage.write() as writer:
        writer.add(batch(0, 3))
    (pages,) = storage._writer.execute("PRAGMA page_count").fetchone()
    storage._writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(InputError, match="disk is full"), storage.write() as writer:
        writer.add(batch(3, 300, 5000))
    storage._writer.execute("PRAGMA max_page_count = 1000000")
    with storage.snapshot() as reader:
        assert len(reader.entries(0, 1000)) == 3
    with storage.write() as writer:
        writer.add(batch(3, 1))


def test_a_full_disk_fails_the_append_and_the_ledger_goes_on(path, signer):
    with Ledger.open(path, signer, ORIGIN) as ledger:
        ledger.append([("access", b"a")])
        writer = ledger.storage._writer
        writer.execute(f"PRAGMA max_page_count = {writer.execute('PRAGMA page_count').fetchone()[0]}")
        with pytest.raises(InputError, match="disk is full"):
            ledger.append([("access", bytes(60000))])
        writer.execute("PRAGMA max_page_count = 1000000")
        assert ledger.append([("access", b"b")]) == range(1, 2)
        assert [r.data for r in ledger.entries()] == [b"a", b"b"]


def test_a_read_only_storage_reads_and_writes_nothing(storage, path):
    with storage.write() as writer:
        writer.add(batch(0, 1))
    reading = SqliteStorage(path, read_only=True)
    with reading.snapshot() as reader:
        assert len(reader.entries(0, 5)) == 1
    with pytest.raises(InputError, match="read-only"), reading.write() as writer:
        writer.add(batch(1, 1))
    reading.close()


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(InputError, match="cannot be opened for writing"):
        SqliteStorage(tmp_path / "no" / "folder.db")
    with pytest.raises(InputError, match="cannot be opened"):
        SqliteStorage(tmp_path)


@pytest.mark.parametrize("content", [b"not a database" * 100, os.urandom(8192)])
def test_a_file_that_is_no_database_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(VerificationError, match="damaged or not a ledger"):
        SqliteStorage(path)
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_refused(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE users (name TEXT)")
    connection.commit()
    connection.close()
    with pytest.raises(VerificationError):
        SqliteStorage(path, read_only=True)


def test_a_ledger_of_a_later_format_is_left_alone(storage, path):
    storage._writer.execute(f"PRAGMA user_version = {FORMAT + 1}")
    with pytest.raises(InputError, match="newer version"):
        SqliteStorage(path)


def test_a_closed_storage_says_so(storage):
    storage.close()
    with pytest.raises(InputError, match="closed"), storage.snapshot():
        pass
    with pytest.raises(InputError, match="closed"), storage.write():
        pass


def test_closing_while_reading_closes_the_reader_in_the_end(path):
    storage = SqliteStorage(path)
    with storage.snapshot() as reader:
        assert reader.head() is None
        storage.close()
        assert reader.entries(0, 1) == []
    assert not storage._idle


def test_a_storage_that_nobody_has_any_more_is_closed(path):
    storage = SqliteStorage(path)
    writer = storage._writer
    with storage.snapshot():
        pass
    reader = storage._idle[0]
    del storage
    for connection in (writer, reader):
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


def test_rows_of_wrong_types_are_refused(storage, path):
    with storage.write() as writer:
        writer.add(batch(0, 2))
    connection = sqlite3.connect(path)
    connection.execute("UPDATE hashes SET hash = x'00' WHERE position = 0")
    connection.execute("UPDATE entries SET kind = CAST(x'ff' AS TEXT) WHERE idx = 1")
    connection.commit()
    connection.close()
    with storage.snapshot() as reader:
        with pytest.raises(VerificationError, match="tree hash 0"):
            reader.hash(0)
        with pytest.raises(VerificationError, match="tree hash 9"):
            reader.hash(9)
    with pytest.raises(VerificationError), storage.snapshot() as reader:
        reader.entries(1, 1)
    with storage.snapshot() as reader:
        assert len(reader.entries(0, 1)) == 1


def test_many_threads_open_a_new_ledger_at_once(path, signer):
    errors = []

    def begin():
        try:
            with Ledger.open(path, signer, ORIGIN) as ledger:
                ledger.append([("access", b"x")])
        except (InputError, VerificationError) as error:
            errors.append(error)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with Ledger.open(path, signer, ORIGIN) as ledger:
        assert ledger.size == 8
