"""Rights: as fresh as the ledger, and nobody's when it cannot be read."""

import asyncio

import pytest

from kits.gateway_world import T0
from secmlops.access.changes import User
from secmlops.access.directory import Directory
from secmlops.access.state import AccessState
from secmlops.core.errors import InputError
from secmlops.gateway.rights import STALE_SECONDS, Rights


class Book:
    """An access book that can fail."""

    def __init__(self):
        self.error = None
        self.read = 0
        self.state = AccessState()

    def refresh(self):
        self.read += 1
        if self.error is not None:
            raise self.error

    directory = Directory(AccessState(), b"k" * 32)

    def authenticate(self, presented, now):
        return (presented, now)

    def certificate(self, fingerprint, now):
        return ("certificate", fingerprint, now)


@pytest.fixture
def seconds():
    return [100.0]


@pytest.fixture
def book():
    return Book()


@pytest.fixture
def rights(book, seconds):
    return Rights(book, lambda: T0, lambda: seconds[0])


def test_nothing_is_known_before_the_first_reading(rights):
    assert not rights.current
    rights.refresh()
    assert rights.current
    assert rights.identity(b"Bearer sk_key", None) == ("sk_key", T0)
    assert rights.identity(b"", "ab") == ("certificate", "ab", T0)
    assert rights.identity(b"Bearer sk_key", "ab") == ("sk_key", T0)
    assert rights.identity(b"", None) is None


def test_what_a_revoked_key_gave_is_told_once(rights, book, caplog):
    rights.refresh()
    assert not caplog.records
    book.state.replay_revoked(User(name="ada", roles=("viewer",), version=1, at=T0))
    for _ in range(2):
        rights.refresh()
    (line,) = [r.getMessage() for r in caplog.records]
    assert line == "1 change of rights counts for nothing: signed by a key that was revoked"
    assert rights.current


def test_what_was_read_goes_stale(rights, seconds):
    rights.refresh()
    seconds[0] += STALE_SECONDS - 0.01
    assert rights.current
    seconds[0] += 0.01
    assert not rights.current


def test_a_slow_reading_counts_from_its_beginning(rights, book, seconds):
    def slow():
        seconds[0] += STALE_SECONDS + 1

    book.refresh = slow
    rights.refresh()
    assert not rights.current


def test_a_failure_ends_what_was_known_and_is_told_once(rights, book, caplog):
    rights.refresh()
    book.error = InputError("the ledger cannot be opened")
    for _ in range(3):
        rights.refresh()
        assert not rights.current
    assert [r.getMessage() for r in caplog.records] == ["nobody is admitted: the ledger cannot be opened"]
    book.error = None
    rights.refresh()
    assert rights.current
    book.error = InputError("the ledger cannot be opened")
    rights.refresh()
    assert len(caplog.records) == 2


def test_it_is_read_again_and_again_while_serving(book, monkeypatch):
    monkeypatch.setattr("secmlops.gateway.rights.INTERVAL_SECONDS", 0.01)

    async def some_time():
        watching = asyncio.create_task(Rights(book, lambda: T0).watch())
        await asyncio.sleep(0.3)
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching

    asyncio.run(some_time())
    assert book.read >= 3


def test_a_reader_that_dies_leaves_nobody_admitted(book, seconds):
    rights = Rights(book, lambda: T0, lambda: seconds[0])
    rights.refresh()
    book.error = RuntimeError("a fault of ours")
    with pytest.raises(RuntimeError):
        asyncio.run(rights.watch())
    seconds[0] += STALE_SECONDS
    assert not rights.current


def test_who_was_recognised_is_asked_for_again_after_the_next_reading(rights, book):
    asked = []
    book.authenticate = lambda presented, now: asked.append(presented) or "somebody"
    rights.refresh()
    for _ in range(3):
        assert rights.identity(b"Bearer sk_key", None) == "somebody"
    assert rights.identity(b"bearer sk_other", None) == "somebody"
    assert asked == ["sk_key", "sk_other"]
    book.authenticate = lambda presented, now: None
    assert rights.identity(b"Bearer sk_key", None) == "somebody"
    rights.refresh()
    assert rights.identity(b"Bearer sk_key", None) is None


def test_a_reading_that_ends_while_somebody_is_recognised_forgets_them(rights, book):
    def withdrawn_meanwhile(presented, now):
        rights.refresh()
        return "somebody"

    book.authenticate = withdrawn_meanwhile
    assert rights.identity(b"Bearer sk_key", None) == "somebody"
    book.authenticate = lambda presented, now: None
    assert rights.identity(b"Bearer sk_key", None) is None
