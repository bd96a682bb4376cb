"""What every storage of a ledger must do; a new implementation is added to the list of makers."""

import threading

import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.entry import Entry
from secmlops.ledger.sqlite import SqliteStorage
from secmlops.ledger.storage import Batch

MAKERS = [pytest.param(lambda folder: SqliteStorage(folder / "ledger.db"), id="sqlite")]


@pytest.fixture(params=MAKERS)
def storage(request, tmp_path):
    made = request.param(tmp_path)
    yield made
    made.close()


def batch(first, count, note=b"note"):
    entries = [Entry("access", b"data %d" % i, f"tag {i % 2}") for i in range(first, first + count)]
    return Batch(first, entries, first, [bytes([i % 256] * 32) for i in range(first, first + count)], note)


def add(storage, *args):
    with storage.write() as writer:
        writer.add(batch(*args))


def test_a_new_storage_is_empty(storage):
    with storage.snapshot() as reader:
        assert reader.head() is None
        assert reader.entries(0, 10) == []
        assert reader.hashes(0, 10) == []
        assert reader.tagged("tag 0") == []


def test_what_was_added_is_read_back(storage):
    add(storage, 0, 3, b"first")
    add(storage, 3, 600, b"second")
    add(storage, 603, 0, b"third")
    with storage.snapshot() as reader:
        assert reader.head() == b"third"
        rows = reader.entries(0, 1000)
        assert [r.place for r in rows] == list(range(603))
        assert rows[5] == (5, "access", b"data 5")
        assert [r.place for r in reader.entries(600, 2)] == [600, 601]
        assert [r.place for r in reader.tagged("tag 1")] == list(range(1, 603, 2))
        assert reader.hash(258) == bytes([2] * 32)
        assert reader.hashes(1, 2) == [(1, bytes([1] * 32)), (2, bytes([2] * 32))]
        with pytest.raises(VerificationError):
            reader.hash(603)


def test_an_error_inside_a_turn_leaves_nothing(storage):
    add(storage, 0, 1)

    def half():
        with storage.write() as writer:
            writer.add(batch(1, 2, b"lost"))
            assert writer.head() == b"lost"
            raise InputError("stop")

    with pytest.raises(InputError, match="stop"):
        half()
    with storage.snapshot() as reader:
        assert reader.head() == b"note"
        assert len(reader.entries(0, 10)) == 1
    add(storage, 1, 1)


def test_a_place_that_is_taken_is_refused(storage):
    add(storage, 0, 2)
    with pytest.raises(VerificationError):
        add(storage, 1, 1)
    with storage.snapshot() as reader:
        assert [r.data for r in reader.entries(0, 10)] == [b"data 0", b"data 1"]


def test_a_snapshot_does_not_change_while_others_write(storage):
    add(storage, 0, 1, b"old")
    with storage.snapshot() as reader:
        assert reader.head() == b"old"
        add(storage, 1, 1, b"new")
        assert reader.head() == b"old"
        assert len(reader.entries(0, 10)) == 1
        with storage.snapshot() as later:
            assert later.head() == b"new"
            assert len(later.entries(0, 10)) == 2


def test_there_is_one_writer_at_a_time(storage):
    inside, most = [], []

    def write(n):
        with storage.write() as writer:
            inside.append(n)
            most.append(len(inside))
            first = len(writer.entries(0, 100))
            writer.add(batch(first, 1))
            inside.remove(n)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1
    with storage.snapshot() as reader:
        assert len(reader.entries(0, 100)) == 10


def test_a_closed_storage_is_an_input_error(storage):
    storage.close()
    with pytest.raises(InputError), storage.snapshot():
        pass
    with pytest.raises(InputError), storage.write():
        pass
