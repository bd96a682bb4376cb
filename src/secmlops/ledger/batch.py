"""Group commit: many waiting writers share one durable transaction."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from secmlops.core.errors import InputError
from secmlops.ledger.entry import Entry, checked_entry
from secmlops.ledger.log import Ledger

GATHER_S = 0.001
"""How long, in seconds, a commit waits at most for the writers who shared the last one to come back."""


class _Batch:
    """Entries that will be committed together, and those who wait for them."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.waiting: list[Future[int]] = []

    def add(self, entry: Entry, future: Future[int]) -> None:
        self.entries.append(entry)
        self.waiting.append(future)


class GroupCommit:
    """Appends for many threads or async callers, who wait on the futures.

    While one batch is being committed the next one fills. Writers who come in a crowd are waited for, ``GATHER_S`` at
    most, as PostgreSQL does with commit_delay and commit_siblings; a lone writer is never kept waiting. At most
    ``capacity`` entries wait, further callers for up to ``wait_s`` seconds. An async caller awaits
    ``asyncio.wrap_future(commit.append(...))``, and sets ``wait_s`` to 0 to be refused rather than blocked.
    """

    def __init__(self, ledger: Ledger, *, capacity: int = 4096, wait_s: float = 10.0) -> None:
        self._ledger = ledger
        self._wait_s = wait_s
        self._room = capacity
        self._crowd = 1
        self._filling: _Batch | None = None
        self._closed = False
        lock = threading.Lock()
        self._gathered = threading.Condition(lock)
        self._roomy = threading.Condition(lock)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")

    def append(self, kind: str, data: bytes, tag: str | None = None) -> Future[int]:
        """Hand in an entry; the future gives its index once it is on disk, or the error of its batch.

        Raises InputError when the entry is out of bounds, no room came free in time, or after ``close``.
        """
        entry = checked_entry((kind, data, tag))
        future: Future[int] = Future()
        future.set_running_or_notify_cancel()  # what was handed in cannot be withdrawn
        with self._gathered:
            if self._room == 0 and not self._closed:
                self._roomy.wait_for(lambda: self._room or self._closed, self._wait_s)
            if self._closed:
                raise InputError("the ledger was closed")
            if self._room == 0:
                raise InputError("the ledger cannot keep up with its writers", hint="try again later")
            self._room -= 1
            batch = self._filling or self._begin()
            batch.add(entry, future)
            if len(batch.entries) == self._crowd:
                self._gathered.notify()
        return future

    def close(self) -> None:
        """Take nothing more, and return when everything handed in is on disk or has failed."""
        with self._gathered:
            self._closed = True
            self._gathered.notify_all()
            self._roomy.notify_all()
        self._worker.shutdown(wait=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def _begin(self) -> _Batch:
        """Open a batch and queue its commit behind the one under way; it stays open until the commit begins."""
        batch = self._filling = _Batch()
        # The commit begins with our lock, which the caller holds: it cannot be done before the callback is set.
        self._worker.submit(self._commit, batch).add_done_callback(lambda done: self._settle(batch, done))
        return batch

    def _commit(self, batch: _Batch) -> range:
        with self._gathered:
            # Writers who shared the last commit have just been woken: most will be back at once. One alone never waits.
            self._gathered.wait_for(lambda: self._closed or len(batch.entries) >= self._crowd, GATHER_S)
            self._crowd = len(batch.entries)
            self._filling = None
        return self._ledger.append(batch.entries)

    def _settle(self, batch: _Batch, done: "Future[range]") -> None:
        with self._roomy:
            self._room += len(batch.waiting)
            self._roomy.notify(len(batch.waiting))
        error = done.exception()
        if error is not None:
            for future in batch.waiting:
                future.set_exception(error)
            return
        for future, index in zip(batch.waiting, done.result(), strict=True):
            future.set_result(index)
