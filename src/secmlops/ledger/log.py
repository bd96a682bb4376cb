"""The ledger: entries are appended, durably, each batch in one commit with the signed checkpoint that covers it."""

from collections.abc import Sequence
from pathlib import Path

from secmlops.core.errors import SecmlopsError, VerificationError
from secmlops.ledger.checkpoint import Checkpoint, sign_checkpoint
from secmlops.ledger.entry import EntryLike, checked_entry, leaf_bytes
from secmlops.ledger.merkle import CompactRange, frontier_of, leaf_hash, stored_count
from secmlops.ledger.sqlite import WAIT_S, SqliteStorage
from secmlops.ledger.storage import Batch, Reader, Storage
from secmlops.ledger.view import LedgerView
from secmlops.ledger.vouched import Head, stored_nodes
from secmlops.trust.keys import PublicKey, Signer


class Ledger(LedgerView):
    """A ledger that is written to. Several threads and processes may append to the same storage.

    ``signer`` holds an Ed25519 key; ``earlier`` are the public keys that signed before it. A new storage begins with a
    signed checkpoint of size 0, so that a ledger without one was always tampered with. No moment enters the ledger: of
    two entries the later index is the later one, whatever any clock says.
    """

    def __init__(self, storage: Storage, signer: Signer, origin: str, earlier: Sequence[PublicKey] = ()) -> None:
        super().__init__(storage, (signer.public, *earlier), origin)
        self._signer = signer
        self._tree: tuple[bytes, CompactRange] | None = None
        self._begin()

    @classmethod
    def open(
        cls, path: Path, signer: Signer, origin: str, earlier: Sequence[PublicKey] = (), *, wait_s: float = WAIT_S
    ) -> "Ledger":
        """Ledger in the SQLite file at ``path``, made when it is missing; a writer waits ``wait_s`` for its turn."""
        storage = SqliteStorage(path, wait_s=wait_s)
        try:
            return Ledger(storage, signer, origin, earlier)
        except SecmlopsError:
            storage.close()
            raise

    def append(self, entries: Sequence[EntryLike]) -> range:
        """Record ``(kind, data)`` or ``(kind, data, tag)`` in order; returns their indices once they are on disk.

        All are recorded or none. Raises InputError when an entry is out of bounds or the storage cannot be written,
        VerificationError when what is stored is not what was signed: such a ledger is never signed again.
        """
        checked = [checked_entry(entry) for entry in entries]
        leaves = [leaf_hash(leaf_bytes(entry.kind, entry.data)) for entry in checked]
        if not checked:
            return range(self.size, self.size)
        seen = self._seen
        with self._storage.write() as writer:
            tree = self._grown(self._verified(writer, seen), writer)
            first = tree.size
            hashes = tree.extend(leaves)
            # Should the commit fail, this checkpoint was never shown to anyone, and the next one takes its place.
            head = self._signed(tree)
            writer.add(Batch(first, checked, stored_count(first), hashes, head.note))
        self._tree = head.note, tree
        self._remember(head)
        return range(first, tree.size)

    def probe(self) -> None:
        """Write the checkpoint that is there once more, and raise what ``append`` would raise now."""
        seen = self._seen
        with self._storage.write() as writer:
            head = self._verified(writer, seen)
            size = head.checkpoint.size
            writer.add(Batch(size, (), stored_count(size), (), head.note))

    def go_on_with(self, signer: Signer, earlier: Sequence[PublicKey] = ()) -> None:
        """Sign with another key from now on, what is there included; ``earlier`` as for the class.

        Raises what ``append`` raises.
        """
        self.trust((signer.public, *self._keys))  # until it is signed anew, the key before must do
        self._signer = signer
        seen = self._seen
        with self._storage.write() as writer:
            tree = self._grown(self._verified(writer, seen), writer)
            head = self._signed(tree)
            writer.add(Batch(tree.size, (), stored_count(tree.size), (), head.note))
        self._tree = head.note, tree
        self._remember(head)
        self.trust((signer.public, *earlier))

    def _begin(self) -> None:
        with self._storage.snapshot() as reader:
            begun = reader.head() is not None
        if not begun:
            with self._storage.write() as writer:
                if writer.head() is None:
                    if writer.entries(0, 1) or writer.hashes(0, 1):
                        raise VerificationError("the ledger has rows but no signed checkpoint", where=self._origin)
                    writer.add(Batch(0, (), 0, (), self._signed(CompactRange()).note))
        with self._snapshot():
            pass  # a wrong key or origin is told now, not at the first append

    def _grown(self, head: Head, reader: Reader) -> CompactRange:
        """Tree that the signed checkpoint covers: remembered, or read back when another process appended since."""
        if self._tree is not None and self._tree[0] == head.note:
            return self._tree[1].copy()
        tree = frontier_of(head.checkpoint.size, stored_nodes(reader))
        if tree.root() != head.checkpoint.root:
            raise VerificationError("the tree of the ledger does not have the signed root", where=self._origin)
        return tree

    def _signed(self, tree: CompactRange) -> Head:
        checkpoint = Checkpoint(self._origin, tree.size, tree.root())
        return Head(sign_checkpoint(checkpoint, self._signer), checkpoint)
