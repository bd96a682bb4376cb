"""Group commit: shared transactions, bounded, closed when the ledger fails, open again when it works."""

import threading
import time
from concurrent.futures import Future

import pytest

from secmlops.core.errors import InputError, SecmlopsError
from secmlops.ledger.batch import GroupCommit, Pace
from secmlops.ledger.entry import Entry

KEEPING = Pace(gather_s=0.001, crowd=100, capacity=1000, keeps=True)


class Held:
    """A ledger whose commits wait until they are let go, and fail when told so."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        self.batches: list[int] = []
        self.error: Exception | None = None
        self.tries = 0

    def append(self, entries):
        self.begun.set()
        assert self.go.wait(60)
        self.probe()
        first = sum(self.batches)
        self.batches.append(len(entries))
        return range(first, first + len(entries))

    def probe(self):
        self.tries += 1
        if self.error:
            raise self.error


@pytest.fixture
def held():
    made = Held()
    yield made
    made.go.set()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("secmlops.ledger.batch.RETRY_S", 0.01)


def settle(waiting, outcome):
    for n, future in enumerate(waiting):
        if isinstance(outcome, range):
            future.set_result(outcome[n])
        else:
            future.set_exception(outcome)


def commit_to(ledger, pace=None):
    return GroupCommit(ledger, settle, pace)


def append(commit, data=b"", tag=None):
    future = Future()
    commit.append(Entry("access", data, tag), future)
    return future


def wait_until(true, seconds=10):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_every_writer_gets_the_place_of_its_own_entry(ledger):
    places = {}

    def write(name):
        for n in range(20):
            places[name, n] = append(commit, f"{name} {n}".encode(), f"tag {name}").result()

    with commit_to(ledger) as commit:
        threads = [threading.Thread(target=write, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(places.values()) == list(range(160)) == list(range(ledger.size))
    assert all(ledger.entry(place).data == f"{name} {n}".encode() for (name, n), place in places.items())
    assert len(ledger.find("tag 3")) == 20


def test_those_who_come_during_a_commit_share_the_next_one(held):
    with commit_to(held) as commit:
        first = append(commit)
        assert held.begun.wait(60)
        others = [append(commit) for _ in range(9)]
        held.go.set()
        assert first.result() == 0
        assert [f.result() for f in others] == list(range(1, 10))
    assert held.batches == [1, 9]


@pytest.mark.parametrize("error", [InputError("the disk is full"), OSError(5, "Input/output error")])
def test_a_failed_commit_fails_everyone_who_waits_on_it_and_nobody_else(held, error):
    with commit_to(held) as commit:
        held.go.set()
        append(commit).result()
        held.error = error
        futures = [append(commit) for _ in range(3)]
        assert [f.exception(10) for f in futures] == [error] * 3
        assert commit.failure is error
        held.error = None
        assert append(commit).result(60) == 1
        assert commit.failure is None


def test_a_failure_ends_by_itself_once_the_ledger_can_be_written(held):
    with commit_to(held) as commit:
        held.go.set()
        held.error = InputError("the disk is full")
        assert append(commit).exception(10) is held.error
        wait_until(lambda: held.tries > 3)
        assert commit.failure is held.error
        held.error = None
        wait_until(lambda: commit.failure is None)
    assert held.batches == []


def test_what_is_kept_is_tried_again_until_it_is_on_disk_and_nothing_more_is_taken(held):
    with commit_to(held, KEEPING) as commit:
        held.error = InputError("the disk is full", where="/srv/l.db")
        future = append(commit)
        held.go.set()
        wait_until(lambda: held.tries > 3)
        with pytest.raises(InputError, match=r"cannot be written.*disk is full"):
            append(commit)
        assert not future.done()
        held.error = None
        assert future.result(60) == 0
        wait_until(lambda: commit.failure is None)
        assert append(commit).result(60) == 1


def test_closing_tells_what_was_kept_and_lost(held):
    commit = commit_to(held, KEEPING)
    futures = [append(commit) for _ in range(3)]
    held.error = InputError("the disk is full")
    held.go.set()
    wait_until(lambda: held.tries > 1)
    with pytest.raises(SecmlopsError, match=r"3 entries could not be recorded.*disk is full"):
        commit.close()
    assert [f.exception(1) for f in futures] == [held.error] * 3


def test_an_error_of_the_program_leaves_nobody_waiting_and_takes_nothing_more(held):
    told = []
    hook, threading.excepthook = threading.excepthook, told.append
    try:
        commit = commit_to(held)
        held.error = RuntimeError("a bug")
        futures = [append(commit) for _ in range(3)]
        held.go.set()
        assert all("has ended" in str(f.exception(10)) for f in futures)
        with pytest.raises(InputError, match="closed"):
            append(commit)
        assert "has ended" in str(commit.failure)
        commit.close()
    finally:
        threading.excepthook = hook
    assert [t.exc_value for t in told] == [held.error]


def test_closing_waits_for_everything_handed_in_and_takes_no_more(held):
    commit = commit_to(held)
    futures = [append(commit) for _ in range(5)]
    held.go.set()
    commit.close()
    assert all(f.done() for f in futures)
    assert sum(held.batches) == 5
    with pytest.raises(InputError, match="closed"):
        append(commit)


@pytest.mark.parametrize("keeps", [False, True])
def test_the_queue_is_bounded_and_whoever_finds_no_room_is_told(held, keeps):
    with commit_to(held, Pace(capacity=2, keeps=keeps)) as commit:
        futures = [append(commit) for _ in range(2)]
        with pytest.raises(InputError, match="cannot keep up"):
            append(commit)
        held.go.set()
        assert [f.result(60) for f in futures] == [0, 1]
        assert append(commit).result(60) == 2


def test_nothing_is_taken_while_the_oldest_entry_is_overdue(held):
    with commit_to(held, Pace(overdue_s=0.02)) as commit:
        first = append(commit)
        assert held.begun.wait(60)
        second = append(commit)
        time.sleep(0.03)
        assert "not kept up" in str(commit.failure)
        with pytest.raises(InputError, match="cannot keep up"):
            append(commit)
        held.go.set()
        assert (first.result(60), second.result(60)) == (0, 1)
        wait_until(lambda: commit.failure is None)
        append(commit)


def test_an_entry_waits_for_others_no_longer_than_it_was_told_to(held):
    held.go.set()
    with commit_to(held, Pace(gather_s=0.03, crowd=100)) as commit:
        futures = [append(commit) for _ in range(3)]
        time.sleep(0.005)
        assert held.batches == []
        assert [f.result(60) for f in futures] == [0, 1, 2]
    assert held.batches == [3]


def test_a_full_crowd_is_not_kept_waiting(held):
    held.go.set()
    with commit_to(held, Pace(gather_s=30, crowd=3)) as commit:
        assert [f.result(60) for f in [append(commit) for _ in range(3)]] == [0, 1, 2]


def test_flushing_waits_for_what_was_handed_in_before(held):
    with commit_to(held) as commit:
        assert commit.flush(0)
        append(commit)
        assert not commit.flush(0.01)
        held.go.set()
        assert commit.flush(10)
        assert held.batches == [1]
