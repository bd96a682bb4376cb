"""Reading a ledger as it grows: each new entry once, every step checked against the signed root."""

from collections.abc import Callable
from typing import TypeVar

from secmlops.core.errors import VerificationError
from secmlops.ledger.entry import Record, leaf_bytes
from secmlops.ledger.merkle import CompactRange, leaf_hash
from secmlops.ledger.view import LedgerView

Read = TypeVar("Read")
CHUNK = 1024


class Follower:
    """The entries of some kinds in a ledger, as they come.

    A step costs as much as there are new entries, however long the ledger is: what came before is kept as the compact
    range of its tree, and the new entries must lead from there to the root that was signed (RFC 9162, section 2.1).
    """

    def __init__(self, ledger: LedgerView, *kinds: str) -> None:
        self._ledger = ledger
        self._kinds = frozenset(kinds)
        self._tree = CompactRange()

    def step(self, read: Callable[[Record], Read]) -> list[Read]:
        """Read all entries of these kinds that came since the last step, in order, none left out.

        When an entry is not what was signed, or ``read`` raises, this step does not count: the next one begins where
        this one began, so that an entry which cannot be read is never passed over. Raises VerificationError, and
        InputError when the ledger cannot be read now.
        """
        head = self._ledger.head
        tree, found = self._tree.copy(), list[Record]()
        while tree.size < head.checkpoint.size:
            for record in self._some(tree.size, head.checkpoint.size):
                tree.append(leaf_hash(leaf_bytes(record.kind, record.data)))
                if record.kind in self._kinds:
                    found.append(record)
        if tree.root() != head.checkpoint.root:
            raise VerificationError(
                "the new entries of the ledger do not have the signed root",
                hint="run secmlops audit verify",
            )
        result = [read(record) for record in found]
        self._tree = tree
        return result

    def _some(self, start: int, end: int) -> list[Record]:
        with self._ledger.storage.snapshot() as reader:
            records = reader.entries(start, min(CHUNK, end - start))
        if not records or any(record.place != place for place, record in enumerate(records, start)):
            raise VerificationError(
                f"an entry from {start} on is missing from the ledger",
                hint="run secmlops audit verify",
            )
        return records
