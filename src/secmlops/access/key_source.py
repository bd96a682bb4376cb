"""Where an issuer's keys come from: kept with the trust itself, or fetched behind the requests' backs."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from jwt import PyJWK

from secmlops.access.fetch import fetch
from secmlops.access.jwks import KeySet
from secmlops.core.errors import SecmlopsError, VerificationError

REFRESH_SECONDS = 300.0
"""Keys are fetched again after this time, so that one that the issuer withdrew counts no longer."""

STALE_SECONDS = 3600.0
"""Keys that could not be fetched again for so long count no more."""

AGAIN_SECONDS = 10.0
"""Between two fetches of the same keys at least this time passes, whatever is presented."""

logger = logging.getLogger("secmlops.access")


class KeySource(Protocol):
    """The keys of one issuer. No method waits for anything."""

    def find(self, kid: str, algorithm: str) -> PyJWK | None:
        """Return the key of this id for this algorithm, as far as it is known now."""
        ...

    def refresh(self) -> None:
        """See to it that the keys are current."""
        ...


class KeptKeys:
    """Keys that came with the trust and change only with it."""

    def __init__(self, text: str, algorithms: Sequence[str]) -> None:
        self._keys: KeySet | None = None
        try:
            self._keys = KeySet(text.encode(), algorithms)
        except VerificationError as error:
            logger.warning("no token of an issuer counts: %s", error)

    def find(self, kid: str, algorithm: str) -> PyJWK | None:
        """Return the key of this id for this algorithm."""
        return self._keys.find(kid, algorithm) if self._keys is not None else None

    def refresh(self) -> None:
        """There is nothing to do."""


class FetchedKeys:
    """Keys at a URL, fetched in a thread of its own: at most one at a time, and one in ``AGAIN_SECONDS``.

    ``changed`` is called, in that thread, when other keys take the place of those known, or these are too old.
    ``stopwatch`` gives seconds that only ever grow.
    """

    def __init__(
        self,
        url: str,
        algorithms: Sequence[str],
        changed: Callable[[], None],
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._algorithms = algorithms
        self._changed = changed
        self._stopwatch = stopwatch
        self._keys: KeySet | None = None
        self._known_at = self._begun_at = float("-inf")
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._told = ""

    def find(self, kid: str, algorithm: str) -> PyJWK | None:
        """Return the key if it is known; an unknown one is looked for behind the request's back."""
        found = self._keys.find(kid, algorithm) if self._keys is not None else None
        if found is None:
            self._fetch_soon()
        return found

    def refresh(self) -> None:
        """Fetch the keys anew, in the background, when they are old; let none count when they are too old."""
        age = self._stopwatch() - self._known_at
        if self._keys is not None and age > STALE_SECONDS:
            self._keys = None
            self._changed()
        if age > REFRESH_SECONDS:
            self._fetch_soon()

    def _fetch_soon(self) -> None:
        with self._starting:
            busy = self._thread is not None and self._thread.is_alive()
            if busy or self._stopwatch() - self._begun_at < AGAIN_SECONDS:
                return
            self._begun_at = self._stopwatch()
            self._thread = threading.Thread(target=self._fetch, name="jwks", daemon=True)
            self._thread.start()

    def _fetch(self) -> None:
        try:
            keys = KeySet(fetch(self._url), self._algorithms)
        except SecmlopsError as error:
            if str(error) != self._told:
                logger.warning("the keys of an issuer of tokens are not known anew: %s", error)
            self._told = str(error)
        else:
            self._known_at, self._told = self._stopwatch(), ""
            if self._keys is None or self._keys.data != keys.data:
                self._keys = keys
                self._changed()
