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
    """The anchors of one log that were found in another: those that its key signed, and where others lie.

    Those of a key that was revoked since stand by themselves.
    """

    checkpoints: tuple[Checkpoint, ...]
    forged: tuple[int, ...]
    by_revoked: tuple[Checkpoint, ...] = ()


def read_anchors(
    outer: LedgerView, keys: Sequence[PublicKey], origin: str, revoked: Sequence[PublicKey] = ()
) -> Anchors:
    """Anchors of the log ``origin`` in ``outer``, in order; one that none of these keys signed for that log is forged.

    Raises VerificationError when ``outer`` itself is not what was signed.
    """
    checkpoints, by_revoked = list[Checkpoint](), list[Checkpoint]()
    forged: list[int] = []
    for record in outer.entries(kind=ANCHOR):
        for trusted, found in ((keys, checkpoints), (revoked, by_revoked)):
            try:
                found.append(read_checkpoint(record.data, trusted, origin))
                break
            except VerificationError:
                continue
        else:
            forged.append(record.place)
    return Anchors(tuple(checkpoints), tuple(forged), tuple(by_revoked))


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
