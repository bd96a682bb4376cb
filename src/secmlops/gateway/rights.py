"""Who may pass, kept current while serving: what the ledger grants or withdraws takes effect within a second."""

import asyncio
import logging
import time
from collections.abc import Callable

from secmlops.access.book import AccessBook
from secmlops.access.identity import Identity
from secmlops.access.tokens import TokenVerifier
from secmlops.core.clock import Clock
from secmlops.core.errors import SecmlopsError

INTERVAL_SECONDS = 0.5
STALE_SECONDS = 3.0
KEY_MARK = "sk_"
"""What API keys begin with; any other bearer token is one of an OIDC issuer."""

logger = logging.getLogger("secmlops.gateway")


def _nothing() -> None:
    """Nothing is to be done."""


class Rights:
    """The access book, read again twice a second.

    Nobody is admitted while it cannot be read, nor when no reading has come to its end for ``STALE_SECONDS``: a reader
    that hangs or has died must not keep withdrawn keys alive. ``stopwatch`` gives seconds that only ever grow;
    ``beforehand`` is called before each reading.
    """

    def __init__(
        self,
        book: AccessBook,
        clock: Clock,
        stopwatch: Callable[[], float] = time.monotonic,
        beforehand: Callable[[], None] = _nothing,
    ) -> None:
        self._book = book
        self._beforehand = beforehand
        self._tokens = TokenVerifier(book)
        self._clock = clock
        self._stopwatch = stopwatch
        self._recognised: dict[tuple[bytes, str | None], Identity] = {}
        self._known_until = float("-inf")
        self._told = ""
        self._passed_over = 0

    @property
    def current(self) -> bool:
        """Whether it is known who has access."""
        return self._stopwatch() < self._known_until

    def identity(self, authorization: bytes, certificate: str | None) -> Identity | None:
        """Identity behind the header ``authorization``, an API key or an OIDC token as a bearer, or None.

        Without such a header it is the one behind the client certificate, named by its SHA-256. Whoever was recognised
        is known by the same credentials until the next reading, so for half a second.
        """
        recognised = self._recognised  # a reading that comes to its end meanwhile puts another one in its place
        known = recognised.get((authorization, certificate))
        if known is None:
            known = self._recognise(bearer_of(authorization), certificate)
            if known is not None:
                recognised[authorization, certificate] = known
        return known

    def _recognise(self, bearer: str, certificate: str | None) -> Identity | None:
        now = self._clock()
        if bearer.startswith(KEY_MARK):
            return self._book.authenticate(bearer, now)
        if bearer:
            return self._tokens.verify(bearer, now)
        return self._book.certificate(certificate, now) if certificate else None

    def refresh(self) -> None:
        """Read the book again. A failure is told to the operator once and ends what was known."""
        begun = self._stopwatch()
        try:
            self._beforehand()
            self._book.refresh()
            self._tokens.refresh()
        except SecmlopsError as error:
            self._known_until = float("-inf")
            if str(error) != self._told:
                logger.critical("nobody is admitted: %s", error)
            self._told = str(error)
        else:
            self._recognised = {}
            self._tell_passed_over()
            self._known_until = begun + STALE_SECONDS
            self._told = ""

    def _tell_passed_over(self) -> None:
        state = self._book.state
        if state.passed_over != self._passed_over:
            logger.warning("%s", state.passed_over_in_words)
        self._passed_over = state.passed_over

    async def watch(self) -> None:
        """Refresh for ever; to be cancelled."""
        while True:
            await asyncio.to_thread(self.refresh)
            await asyncio.sleep(INTERVAL_SECONDS)


def bearer_of(authorization: bytes) -> str:
    """Token of an Authorization header (RFC 6750, section 2.1), or the empty text."""
    scheme, _, token = authorization.decode("latin-1").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
