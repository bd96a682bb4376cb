"""Checks of stored rows against a verified checkpoint: what passes is what was signed."""

from collections.abc import Sequence
from dataclasses import dataclass

from secmlops.core.counting import counted
from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.checkpoint import Checkpoint
from secmlops.ledger.entry import Record, leaf_bytes
from secmlops.ledger.merkle import (
    CompactRange,
    NodeGetter,
    consistency_proof,
    fold,
    frontier_nodes,
    inclusion_proof,
    leaf_hash,
    stored_position,
    verify_consistency,
    verify_inclusion,
)
from secmlops.ledger.storage import Reader

CHUNK_LEVEL = 8
CHUNK = 1 << CHUNK_LEVEL


@dataclass(frozen=True, slots=True)
class Head:
    """A signed checkpoint that was verified: the note, byte for byte, and what it says."""

    note: bytes
    checkpoint: Checkpoint


def stored_nodes(reader: Reader) -> NodeGetter:
    """Nodes of the tree as they are stored."""
    return lambda level, index: reader.hash(stored_position(level, index))


def entry_at(reader: Reader, head: Head, index: int) -> Record:
    """Row of entry ``index``, unverified; InputError beyond the head's size, VerificationError when it is gone."""
    if not 0 <= index < head.checkpoint.size:
        raise InputError(f"no entry {index} in a ledger of {counted(head.checkpoint.size, 'entry', 'entries')}")
    found = reader.entries(index, 1)
    if not found or found[0].place != index:
        raise VerificationError(f"entry {index} is missing from the ledger", hint="run secmlops audit verify")
    return found[0]


def included(record: Record, reader: Reader, head: Head) -> tuple[Record, list[bytes]]:
    """Record and its inclusion proof, once that proof leads to the head's root; VerificationError otherwise."""
    index, size = record.place, head.checkpoint.size
    if not 0 <= index < size:
        raise VerificationError(
            f"entry {index} is not covered by the signed checkpoint",
            hint="run secmlops audit verify",
        )
    proof = inclusion_proof(index, size, stored_nodes(reader))
    try:
        verify_inclusion(leaf_hash(leaf_bytes(record.kind, record.data)), index, size, proof, head.checkpoint.root)
    except VerificationError:
        raise VerificationError(f"entry {index} is not what was recorded", hint="run secmlops audit verify") from None
    return record, proof


def chunk_roots(reader: Reader, checkpoint: Checkpoint) -> list[bytes]:
    """Roots of all chunks of leaves, the last one perhaps short, after checking that they make the signed root."""
    get = stored_nodes(reader)
    roots = [get(CHUNK_LEVEL, number) for number in range(checkpoint.size // CHUNK)]
    chunks = CompactRange()
    for root in roots:
        chunks.append(root)
    tail = [get(level, index) for level, index in frontier_nodes(checkpoint.size) if level < CHUNK_LEVEL]
    subtrees = [*chunks.frontier, *tail]
    if subtrees and fold(subtrees) != checkpoint.root:
        raise VerificationError(
            "the tree of the ledger does not have the signed root", hint="run secmlops audit verify"
        )
    return [*roots, fold(tail)] if tail else roots


def check_chunk(chunk: Sequence[Record], number: int, root: bytes) -> None:
    """Check that the records are all those of chunk ``number``, unchanged; raises VerificationError."""
    tree = CompactRange()
    for place, record in enumerate(chunk, number * CHUNK):
        if record.place != place:
            raise VerificationError(f"entry {place} is missing from the ledger", hint="run secmlops audit verify")
        tree.append(leaf_hash(leaf_bytes(record.kind, record.data)))
    if tree.root() != root:
        first = number * CHUNK
        raise VerificationError(
            f"an entry from {first} to {first + CHUNK - 1} is not what was recorded",
            hint="run secmlops audit verify",
        )


def check_size(size: int, head: Head) -> None:
    """Raise InputError when the ledger has never had ``size`` entries."""
    if size > head.checkpoint.size:
        raise InputError(f"the ledger has {counted(head.checkpoint.size, 'entry', 'entries')}, not {size}")


def check_continues(earlier: Checkpoint, later: Checkpoint, get: NodeGetter) -> None:
    """Check that ``later`` continues ``earlier`` in the stored tree; raises VerificationError."""
    if later.size < earlier.size:
        raise VerificationError(
            f"the ledger was rolled back from {earlier.size} to {counted(later.size, 'entry', 'entries')}",
            where=later.origin,
        )
    if earlier.size:
        proof = consistency_proof(earlier.size, later.size, get)
        verify_consistency(earlier.size, earlier.root, later.size, later.root, proof)
