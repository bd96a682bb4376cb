"""Who may pass, kept current while serving: what the ledger grants or withdraws takes effect within a second."""

import asyncio
import logging
import time
from collections.abc import Callable

from secmlops.access.book import AccessBook
from secmlops.access.identity import Identity
from secmlops.core.clock import Clock
from secmlops.core.errors import SecmlopsError

INTERVAL_SECONDS = 0.5
STALE_SECONDS = 3.0

logger = logging.getLogger("secmlops.gateway")


class Rights:
    """The access book, read again twice a second.

    Nobody is admitted while it cannot be read, nor when no reading has come to its end for ``STALE_SECONDS``: a reader
    that hangs or has died must not keep withdrawn keys alive. ``stopwatch`` gives seconds that only ever grow.
    """

    def __init__(self, book: AccessBook, clock: Clock, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self._book = book
        self._clock = clock
        self._stopwatch = stopwatch
        self._known_until = float("-inf")
        self._told = ""

    @property
    def current(self) -> bool:
        """Whether it is known who has access."""
        return self._stopwatch() < self._known_until

    def authenticate(self, presented: str) -> Identity | None:
        """Identity behind the presented key, or None."""
        return self._book.authenticate(presented, self._clock())

    def refresh(self) -> None:
        """Read the book again. A failure is told to the operator once and ends what was known."""
        begun = self._stopwatch()
        try:
            self._book.refresh()
        except SecmlopsError as error:
            self._known_until = float("-inf")
            if str(error) != self._told:
                logger.critical("nobody is admitted: %s", error)
            self._told = str(error)
        else:
            self._known_until = begun + STALE_SECONDS
            self._told = ""

    async def watch(self) -> None:
        """Refresh for ever; to be cancelled."""
        while True:
            await asyncio.to_thread(self.refresh)
            await asyncio.sleep(INTERVAL_SECONDS)
