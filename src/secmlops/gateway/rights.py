"""Who may pass, kept current while serving: what the ledger grants or withdraws takes effect within a second."""

import asyncio

from starlette.concurrency import run_in_threadpool

from secmlops.core.clock import Clock
from secmlops.core.errors import SecmlopsError
from secmlops.serving.access import Identity
from secmlops.serving.access_book import AccessBook

INTERVAL_SECONDS = 0.5


class Rights:
    """The access book, read again twice a second. While it cannot be read, nobody is admitted."""

    def __init__(self, book: AccessBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock
        self.known = True

    def authenticate(self, presented: str) -> Identity | None:
        """Identity behind the presented key, or None."""
        return self._book.authenticate(presented, self._clock()) if self.known else None

    async def watch(self) -> None:
        """Refresh for ever; to be cancelled."""
        while True:
            await asyncio.sleep(INTERVAL_SECONDS)
            try:
                await run_in_threadpool(self._book.refresh)
                self.known = True
            except SecmlopsError:
                self.known = False
