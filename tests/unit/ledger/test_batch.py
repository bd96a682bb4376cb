import asyncio
import threading

import pytest

from secmlops.core.errors import InputError
from secmlops.ledger.batch import GroupCommit


class Held:
    """A ledger whose commits wait until they are let go, and fail when told so."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        self.batches: list[int] = []
        self.error: Exception | None = None

    def append(self, entries):
        self.begun.set()
        assert self.go.wait(10)
        if self.error:
            raise self.error
        first = sum(self.batches)
        self.batches.append(len(entries))
        return range(first, first + len(entries))


@pytest.fixture
def held():
    made = Held()
    yield made
    made.go.set()


def test_every_writer_gets_the_place_of_its_own_entry(ledger):
    places = {}

    def write(name):
        for n in range(20):
            places[name, n] = commit.append("access", f"{name} {n}".encode(), f"tag {name}").result()

    with GroupCommit(ledger) as commit:
        threads = [threading.Thread(target=write, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(places.values()) == list(range(160)) == list(range(ledger.size))
    assert all(ledger.entry(place).data == f"{name} {n}".encode() for (name, n), place in places.items())
    assert len(ledger.find("tag 3")) == 20


def test_those_who_come_during_a_commit_share_the_next_one(held):
    with GroupCommit(held) as commit:
        first = commit.append("access", b"")
        assert held.begun.wait(10)
        others = [commit.append("access", b"") for _ in range(9)]
        held.go.set()
        assert first.result() == 0
        assert [f.result() for f in others] == list(range(1, 10))
    assert held.batches == [1, 9]


def test_a_failed_commit_fails_everyone_who_waits_on_it_and_nobody_else(held):
    with GroupCommit(held) as commit:
        held.go.set()
        commit.append("access", b"").result()
        for error in (InputError("the disk is full"), RuntimeError("a bug")):
            held.error = error
            futures = [commit.append("access", b"") for _ in range(3)]
            assert [f.exception(10) for f in futures] == [error] * 3
        held.error = None
        assert commit.append("access", b"").result(10) == 1


def test_closing_waits_for_everything_handed_in_and_takes_no_more(held):
    commit = GroupCommit(held)
    futures = [commit.append("access", b"") for _ in range(5)]
    held.go.set()
    commit.close()
    assert all(f.done() for f in futures)
    assert sum(held.batches) == 5
    with pytest.raises(InputError, match="closed"):
        commit.append("access", b"")


def test_the_queue_is_bounded_and_whoever_finds_no_room_is_told(held):
    with GroupCommit(held, capacity=2, wait_s=0.01) as commit:
        futures = [commit.append("access", b"") for _ in range(2)]
        with pytest.raises(InputError, match="cannot keep up"):
            commit.append("access", b"")
        held.go.set()
        assert [f.result(10) for f in futures] == [0, 1]
        assert commit.append("access", b"").result(10) == 2


def test_whoever_waits_for_room_gets_it_when_it_comes(held):
    with GroupCommit(held, capacity=1, wait_s=10) as commit:
        first = commit.append("access", b"")
        assert held.begun.wait(10)
        threading.Timer(0.02, held.go.set).start()
        assert commit.append("access", b"").result(10) == 1
        assert first.done()


def test_a_bad_entry_is_refused_at_once_and_spoils_no_batch(held):
    with GroupCommit(held) as commit:
        good = commit.append("access", b"")
        with pytest.raises(InputError, match="not a kind"):
            commit.append("Bad", b"")
        held.go.set()
        assert good.result(10) == 0


def test_what_was_handed_in_cannot_be_withdrawn(held):
    with GroupCommit(held) as commit:
        future = commit.append("access", b"")
        assert not future.cancel()
        held.go.set()
        assert future.result(10) == 0


def test_async_callers_wait_without_blocking_the_loop(ledger):
    async def write(commit):
        return await asyncio.gather(*(asyncio.wrap_future(commit.append("access", b"%d" % n)) for n in range(50)))

    with GroupCommit(ledger) as commit:
        assert asyncio.run(write(commit)) == list(range(50))
