"""The log key, followed while serving: when it is rotated or revoked, the logs go on under the one that counts."""

import logging
import time
from collections.abc import Callable, Sequence

from secmlops.ledger.log import Ledger
from secmlops.trust.provider import KeyProvider
from secmlops.trust.roles import Role

HANDOVER_SECONDS = 2.0
"""How long a new key is known before it is used: by then every worker that reads the same logs knows it, too."""

logger = logging.getLogger("secmlops.gateway")


class LogKeys:
    """Sees to it that open ``logs`` are read and signed with the keys as they are now.

    A key that is new is believed at once and signs a moment later; one that is over, or revoked, is believed until
    then. ``stopwatch`` gives seconds that only ever grow.
    """

    def __init__(
        self, keys: KeyProvider, logs: Sequence[Ledger], stopwatch: Callable[[], float] = time.monotonic
    ) -> None:
        self._keys = keys
        self._logs = logs
        self._stopwatch = stopwatch
        self._known = keys.ring().keys(Role.LOG)
        self._due: float | None = None

    def refresh(self) -> None:
        """Look at the keys; to be called twice a second. Raises SecmlopsError when keys or logs cannot be used."""
        known = self._keys.ring().keys(Role.LOG)
        if known != self._known:
            for log in self._logs:
                log.trust(tuple(dict.fromkeys((*known, *self._known))))
            self._known, self._due = known, self._stopwatch() + HANDOVER_SECONDS
        if self._due is not None and self._stopwatch() >= self._due:
            signer = self._keys.signer(Role.LOG)
            for log in self._logs:
                log.go_on_with(signer, known)
            self._due = None
            logger.warning("the logs go on under the log key %s", signer.public.key_id[:16])
