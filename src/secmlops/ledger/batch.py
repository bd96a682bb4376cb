"""Group commit: many who hand in entries share one durable transaction, made by one thread."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, NoReturn, Protocol, Self, TypeAlias, TypeVar

from secmlops.core.counting import counted
from secmlops.core.errors import InputError, SecmlopsError

Item = TypeVar("Item")
Given_contra = TypeVar("Given_contra", contravariant=True)
Waiter = TypeVar("Waiter")
Failure: TypeAlias = SecmlopsError | OSError
Outcome: TypeAlias = range | Failure
"""Of a batch: the indices of its entries, once they are on disk, or why none of them is."""

RETRY_S = 0.25
"""How long, in seconds, until a ledger that could not be written is tried again."""


class Appender(Protocol[Given_contra]):
    """What takes the batches: a ledger, or what makes entries of what it is given and has a ledger keep them."""

    def append(self, entries: Sequence[Given_contra], /) -> range:
        """Record the entries, all or none, and return their indices once they are on disk."""
        ...

    def probe(self) -> None:
        """Write without recording anything, and raise what ``append`` would raise now."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a commit waits for more to come, and what becomes of a batch that could not be committed.

    It waits ``gather_s`` seconds at most and for ``crowd`` entries; without a ``crowd`` for as many as shared the last
    commit, since those who waited for it are just coming back (PostgreSQL: commit_delay and commit_siblings), and a
    lone writer never. No more is taken while ``capacity`` entries wait, or the oldest of them for ``overdue_s``
    seconds. With ``keeps`` a failed batch is kept, nothing more is taken, and it is tried again until it is on disk;
    without, those who wait are told, and others are free to try.
    """

    gather_s: float = 0.001
    crowd: int | None = None
    capacity: int = 4096
    overdue_s: float = float("inf")
    keeps: bool = False


class _Batch(Generic[Item, Waiter]):
    """Entries that will be committed together, those who wait for them, and when the first was handed in."""

    def __init__(self) -> None:
        self.entries: list[Item] = []
        self.waiting: list[Waiter] = []
        self.since = 0.0


class GroupCommit(Generic[Item, Waiter]):
    """Takes entries from any thread and commits them in batches. Make it in the process that uses it, after any fork.

    While one batch is being committed the next one fills. ``settle`` is called in the committing thread with those who
    wait for a batch, in order, and what became of it; it must neither raise nor block.
    """

    def __init__(
        self, ledger: Appender[Item], settle: Callable[[Sequence[Waiter], Outcome], None], pace: Pace | None = None
    ) -> None:
        self._ledger = ledger
        self._settle = settle
        self._pace = pace or Pace()
        self._crowd = self._pace.crowd or 1
        self._filling: _Batch[Item, Waiter] = _Batch()
        self._under_way: _Batch[Item, Waiter] = _Batch()
        self._done = 0
        self._lost = 0
        self._failure: Failure | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._gathered = threading.Condition(self._lock)
        self._settled = threading.Condition(self._lock)
        self._thread = threading.Thread(target=self._work, name="ledger", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> Failure | None:
        """Why the ledger cannot be written now; None while it can, as far as is known."""
        if self._failure is None and self._late(time.monotonic()):
            return InputError("the ledger has not kept up with its writers")
        return self._failure

    def append(self, entry: Item, waiter: Waiter) -> None:
        """Hand in an entry, one that is in bounds; never blocks.

        Raises InputError when no more is taken now, or after ``close``.
        """
        now = time.monotonic()
        with self._lock:
            batch = self._filling
            count = len(batch.entries)
            if (
                self._closed
                or (self._failure is not None and self._pace.keeps)
                or count + len(self._under_way.entries) >= self._pace.capacity
                or self._late(now)
            ):
                self._refuse()
            batch.entries.append(entry)
            batch.waiting.append(waiter)
            if count == 0:
                batch.since = now
                self._gathered.notify()
            elif count + 1 == self._crowd:
                self._gathered.notify()

    def flush(self, timeout_s: float) -> bool:
        """Wait until everything handed in so far was settled; whether that came in time."""
        with self._lock:
            target = self._done + len(self._under_way.entries) + len(self._filling.entries)
            return self._settled.wait_for(lambda: self._done >= target, timeout_s)

    def close(self) -> None:
        """Take nothing more, and return when everything handed in was settled.

        Raises SecmlopsError when entries that were kept could not be written to the end.
        """
        with self._lock:
            self._closed = True
            self._gathered.notify_all()
        self._thread.join()
        if self._lost:
            lost, self._lost = self._lost, 0
            raise SecmlopsError(f"{counted(lost, 'entry', 'entries')} could not be recorded", hint=str(self._failure))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def _late(self, now: float) -> bool:
        oldest = self._under_way if self._under_way.entries else self._filling
        return bool(oldest.entries) and now - oldest.since > self._pace.overdue_s

    def _refuse(self) -> NoReturn:
        if self._closed:
            raise InputError("the ledger was closed")
        if self._failure is not None and self._pace.keeps:
            raise InputError("the ledger cannot be written", hint=str(self._failure))
        raise InputError("the ledger cannot keep up with its writers", hint="try again later")

    def _work(self) -> None:
        try:
            while self._take():
                if self._under_way.entries:
                    self._commit()
                else:
                    self._probe()
        finally:
            self._end()

    def _take(self) -> bool:
        """Wait for entries, or until a failed ledger is to be tried again; False when there is nothing left to do."""
        with self._lock:
            retry_s = None if self._failure is None else RETRY_S
            self._gathered.wait_for(lambda: self._closed or self._filling.entries, retry_s)
            if self._filling.entries:
                # Those who shared the last commit have just been woken: most will be back at once.
                self._gathered.wait_for(self._is_gathered, self._pace.gather_s)
                self._crowd = self._pace.crowd or len(self._filling.entries)
            self._under_way, self._filling = self._filling, _Batch()
            return not self._closed or bool(self._under_way.entries)

    def _is_gathered(self) -> bool:
        return self._closed or len(self._filling.entries) >= self._crowd

    def _commit(self) -> None:
        batch = self._under_way
        while True:
            try:
                outcome: Outcome = self._ledger.append(batch.entries)
                self._failure = None
            except (SecmlopsError, OSError) as error:
                outcome = self._failure = error
                if self._pace.keeps and not self._closes_within(RETRY_S):
                    continue
            break
        self._settle(batch.waiting, outcome)
        with self._lock:
            self._lost += len(batch.entries) if self._pace.keeps and outcome is self._failure else 0
            self._done += len(batch.entries)
            self._under_way = _Batch()
            self._settled.notify_all()

    def _closes_within(self, seconds: float) -> bool:
        with self._lock:
            return self._gathered.wait_for(lambda: self._closed, seconds)

    def _probe(self) -> None:
        try:
            self._ledger.probe()
            self._failure = None
        except (SecmlopsError, OSError) as error:
            self._failure = error

    def _end(self) -> None:
        """Leave nobody waiting, whatever ended the thread: after an error of the program nothing is taken any more."""
        with self._lock:
            left = [*self._under_way.waiting, *self._filling.waiting]
            if not self._closed or left:
                self._failure = SecmlopsError("the writer of the ledger has ended", hint="start the program again")
            self._closed = True
            self._done += len(left)
            self._lost += len(left) if self._pace.keeps else 0
            self._under_way, self._filling = _Batch(), _Batch()
            self._settled.notify_all()
        if left and self._failure is not None:
            self._settle(left, self._failure)
