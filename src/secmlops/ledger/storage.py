"""What the ledger asks of the place that keeps its rows; the place knows nothing of trees or signatures."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from secmlops.ledger.entry import Entry, Record


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one commit: entries from ``first`` on, tree hashes from ``first_hash`` on, and the note covering them."""

    first: int
    entries: Sequence[Entry]
    first_hash: int
    hashes: Sequence[bytes]
    note: bytes


class Reader(Protocol):
    """One consistent view of all rows. Nothing that it returns is authenticated.

    Methods raise InputError when the place cannot be read now (locked, no access) and VerificationError when it is
    damaged.
    """

    def head(self) -> bytes | None:
        """Return the last committed signed checkpoint, None when there has never been one."""
        ...

    def entries(self, start: int, limit: int) -> list[Record]:
        """Return at most ``limit`` entries from index ``start`` on, in order; a gap shows as a missing index."""
        ...

    def tagged(self, tag: str) -> list[Record]:
        """Return the entries with this tag, in order."""
        ...

    def hash(self, position: int) -> bytes:
        """Return the tree hash at ``position`` (``merkle.stored_position``); VerificationError when there is none."""
        ...

    def hashes(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        """Return at most ``limit`` positions from ``start`` on and their tree hashes, in order."""
        ...


class Writer(Reader, Protocol):
    """The one writer at this moment, over all processes."""

    def add(self, batch: Batch) -> None:
        """Add the batch; VerificationError when one of its places is taken."""
        ...


class Storage(Protocol):
    """Durable rows. Any number of threads may use it."""

    def snapshot(self) -> AbstractContextManager[Reader]:
        """Open a view that does not change while others write."""
        ...

    def write(self) -> AbstractContextManager[Writer]:
        """Wait, within bounds, to be the only writer; leaving commits durably, or not at all when an error is raised.

        Raises InputError when the turn does not come in time or the commit fails (disk full, read-only).
        """
        ...

    def close(self) -> None:
        """Let go of the place. Using the storage afterwards raises InputError."""
        ...
