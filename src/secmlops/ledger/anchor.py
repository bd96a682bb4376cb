"""Anchors: the size and root of one log, put into another now and then, so that the first cannot be dropped unnoticed.

An anchor is an entry of kind ``anchor`` whose data is a signed checkpoint (C2SP tlog-checkpoint) of the anchored log,
byte for byte. Whoever holds the outer log can then tell that the inner one was there, how long it was at least, and
whether its beginning is still the same.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from secmlops.core.errors import VerificationError
from secmlops.ledger.checkpoint import Checkpoint, read_checkpoint
from secmlops.ledger.entry import Entry
from secmlops.ledger.log import Ledger
from secmlops.ledger.view import LedgerView
from secmlops.trust.keys import PublicKey

ANCHOR = "anchor"


@dataclass(frozen=True, slots=True)
class Anchors:
    """The anchors of one log that were found in another: those that its key signed, and where others lie."""

    checkpoints: tuple[Checkpoint, ...]
    forged: tuple[int, ...]


def read_anchors(outer: LedgerView, keys: Sequence[PublicKey], origin: str) -> Anchors:
    """Anchors of the log ``origin`` in ``outer``, in order; one that ``keys`` did not sign for that log is forged.

    Raises VerificationError when ``outer`` itself is not what was signed.
    """
    checkpoints, forged = [], []
    for record in outer.entries(kind=ANCHOR):
        try:
            checkpoints.append(read_checkpoint(record.data, keys, origin))
        except VerificationError:
            forged.append(record.place)
    return Anchors(tuple(checkpoints), tuple(forged))


class AnchoredLedger:
    """A log that is anchored in another one after ``every_entries`` entries or ``every_s`` seconds, before it grows.

    Several threads and processes may each have one over the same two logs. When the anchor cannot be written, neither
    can the log. ``stopwatch`` gives seconds that only ever grow.
    """

    def __init__(
        self,
        log: Ledger,
        outer: Ledger,
        *,
        every_entries: int = 100_000,
        every_s: float = 3600.0,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self.log = log
        self._outer = outer
        self._every_entries = every_entries
        self._every_s = every_s
        self._stopwatch = stopwatch
        self._lock = threading.Lock()
        self._anchored = b""
        self._next_size = 0
        self._next_at = float("-inf")
        self._size = 0

    def append(self, entries: Sequence[Entry], /) -> range:
        """Append to the log, as ``Ledger.append`` does; anchors first when an anchor is due."""
        if self._size >= self._next_size or self._stopwatch() >= self._next_at:
            self.anchor()
        places = self.log.append(entries)
        self._size = places.stop
        return places

    def probe(self) -> None:
        """See ``Ledger.probe``."""
        self.log.probe()

    def anchor(self) -> None:
        """Anchor the log as it is now, unless it is as it was at the last time; raises what appending does."""
        with self._lock:
            head = self.log.head
            if head.note != self._anchored:
                self._outer.append([Entry(ANCHOR, head.note)])
                self._anchored = head.note
            self._size = head.checkpoint.size
            self._next_size = self._size + self._every_entries
            self._next_at = self._stopwatch() + self._every_s
