"""The ledger as a reader with public keys sees it: nothing leaves here that the signed root does not vouch for."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from secmlops.core.errors import VerificationError
from secmlops.ledger.checkpoint import read_checkpoint
from secmlops.ledger.entry import Record, leaf_bytes
from secmlops.ledger.merkle import consistency_proof, inclusion_proof
from secmlops.ledger.receipt import Receipt
from secmlops.ledger.sqlite import SqliteStorage
from secmlops.ledger.storage import Reader, Storage
from secmlops.ledger.vouched import (
    CHUNK,
    Head,
    check_chunk,
    check_continues,
    check_size,
    chunk_roots,
    entry_at,
    included,
    stored_nodes,
)
from secmlops.trust.keys import PublicKey


class LedgerView:
    """Reading side of a ledger. Any number of threads may use it.

    ``keys`` are the public keys that may have signed the ledger, ``origin`` is its name. Every method raises
    VerificationError when what is stored is not what was signed, when the ledger is shorter than this view has already
    seen it, and InputError when it cannot be read or has no such entry.
    """

    def __init__(self, storage: Storage, keys: Sequence[PublicKey], origin: str) -> None:
        self._storage = storage
        self._keys = tuple(keys)
        self._origin = origin
        self._seen: Head | None = None
        self._seeing = threading.Lock()

    @classmethod
    def read(cls, path: Path, keys: Sequence[PublicKey], origin: str) -> "LedgerView":
        """View of the ledger file at ``path``, which is not written."""
        return LedgerView(SqliteStorage(path, read_only=True), keys, origin)

    @property
    def origin(self) -> str:
        """Name of the ledger, the first line of its checkpoints."""
        return self._origin

    @property
    def storage(self) -> Storage:
        """Where the rows are, for an audit."""
        return self._storage

    @property
    def head(self) -> Head:
        """The latest checkpoint, verified."""
        with self._snapshot() as (_, head):
            return head

    @property
    def size(self) -> int:
        """How many entries are recorded."""
        return self.head.checkpoint.size

    def trust(self, keys: Sequence[PublicKey]) -> None:
        """Let these be the keys that may have signed the ledger, from the next checkpoint on that is new here."""
        self._keys = tuple(keys)

    def checkpoint(self) -> bytes:
        """Return the latest signed checkpoint, a note to publish or to keep as evidence of the present state."""
        return self.head.note

    def entry(self, index: int) -> Record:
        """Return one entry, checked by its inclusion in the signed root."""
        with self._snapshot() as (reader, head):
            return included(entry_at(reader, head, index), reader, head)[0]

    def find(self, tag: str) -> list[Record]:
        """Return the entries with this tag, in order, each checked by inclusion.

        A tag is a hint: whoever can write to the storage can take an entry's tag away. Where absence matters, read
        ``entries``.
        """
        with self._snapshot() as (reader, head):
            return [included(record, reader, head)[0] for record in reader.tagged(tag)]

    def entries(self, start: int = 0, kind: str | None = None) -> Iterator[Record]:
        """Yield the entries from ``start`` on, of one ``kind`` if asked; none can be missing, added or changed.

        Entries are checked in chunks before any of a chunk is yielded, those of other kinds too. What is appended
        after the first was asked for is not seen.
        """
        with self._snapshot() as (reader, head):
            size = head.checkpoint.size
            roots = chunk_roots(reader, head.checkpoint)
        for number in range(max(start, 0) // CHUNK, len(roots)):
            with self._storage.snapshot() as reader:
                chunk = reader.entries(number * CHUNK, min(CHUNK, size - number * CHUNK))
            check_chunk(chunk, number, roots[number])
            yield from (r for r in chunk if r.place >= start and kind in (None, r.kind))

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the inclusion proof of entry ``index`` in the tree of ``size`` entries, 32-byte hashes."""
        with self._snapshot() as (reader, head):
            check_size(size, head)
            return inclusion_proof(index, size, stored_nodes(reader))

    def consistency(self, size1: int, size2: int) -> list[bytes]:
        """Return the proof that the ledger of ``size2`` entries continues the one of ``size1``, 32-byte hashes."""
        with self._snapshot() as (reader, head):
            check_size(size2, head)
            return consistency_proof(size1, size2, stored_nodes(reader))

    def receipt(self, index: int) -> str:
        """Return the receipt of an entry: a tlog-proof that carries it; see ``receipt.verify_receipt``."""
        with self._snapshot() as (reader, head):
            record, proof = included(entry_at(reader, head, index), reader, head)
            return Receipt(index, tuple(proof), head.note, leaf_bytes(record.kind, record.data)).to_text()

    def close(self) -> None:
        """Close the storage."""
        self._storage.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    @contextmanager
    def _snapshot(self) -> Iterator[tuple[Reader, Head]]:
        # What was seen is looked up first: a thread with a newer snapshot must not make this one look rolled back.
        seen = self._seen
        with self._storage.snapshot() as reader:
            yield reader, self._verified(reader, seen)

    def _verified(self, reader: Reader, seen: Head | None) -> Head:
        note = reader.head()
        if note is None:
            raise VerificationError("the ledger has no signed checkpoint", where=self._origin)
        if seen is not None and note == seen.note:
            return seen
        head = Head(note, read_checkpoint(note, self._keys, self._origin))
        if seen is not None:
            check_continues(seen.checkpoint, head.checkpoint, stored_nodes(reader))
        self._remember(head)
        return head

    def _remember(self, head: Head) -> None:
        with self._seeing:
            if self._seen is None or head.checkpoint.size >= self._seen.checkpoint.size:
                self._seen = head
