"""The Merkle tree of a log: hashing, growing it, and proofs of inclusion and consistency. Pure.

RFC 6962 section 2.1 defines the tree and the paths, RFC 9162 sections 2.1.3 and 2.1.4 how proofs are verified. A node
is named ``(level, index)``: it is the root over the leaves ``index << level`` up to ``(index + 1) << level``.
Indices and sizes are below 2**63. Every hash is 32 bytes, SHA-256.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from secmlops.core.counting import counted
from secmlops.core.errors import InputError, VerificationError

HASH_SIZE = 32
MAX_SIZE = 2**63 - 1
EMPTY_ROOT = hashlib.sha256(b"").digest()

NodeGetter: TypeAlias = Callable[[int, int], bytes]
"""Returns the hash of the complete node ``(level, index)``."""


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of a leaf: SHA-256(0x00 || leaf)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def stored_count(size: int) -> int:
    """How many complete nodes a tree of ``size`` leaves has."""
    return 2 * size - size.bit_count()


def stored_position(level: int, index: int) -> int:
    """Place of a node in the order in which nodes become complete; ``stored_count(size)`` places are in use."""
    last_leaf = ((index + 1) << level) - 1
    return stored_count(last_leaf) + level


def frontier_nodes(size: int) -> Iterator[tuple[int, int]]:
    """Yield the largest complete nodes that together cover a tree of ``size`` leaves, from left to right."""
    start = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            yield level, start >> level
            start += 1 << level


class CompactRange:
    """All that a log must remember to grow: the roots of the largest complete subtrees, from left to right."""

    def __init__(self, size: int = 0, frontier: Sequence[bytes] = ()) -> None:
        if size.bit_count() != len(frontier):
            raise VerificationError(f"{len(frontier)} hashes cannot be the frontier of a tree of {size} leaves")
        self.size = size
        self._frontier = list(frontier)

    def append(self, leaf: bytes) -> list[bytes]:
        """Add a leaf hash; returns the nodes that it completes, in stored order: the leaf first, then its parents."""
        return self.extend([leaf])

    def extend(self, leaves: Iterable[bytes]) -> list[bytes]:
        """Add leaf hashes in order; returns the nodes that they complete, in stored order."""
        completed: list[bytes] = []
        frontier, size, sha256 = self._frontier, self.size, hashlib.sha256
        for leaf in leaves:
            node = leaf
            completed.append(node)
            behind = size
            while behind & 1:  # each trailing one is a subtree that this leaf completes
                node = sha256(b"\x01" + frontier.pop() + node).digest()  # as node_hash; a call costs as much again
                completed.append(node)
                behind >>= 1
            frontier.append(node)
            size += 1
        self.size = size
        return completed

    @property
    def frontier(self) -> tuple[bytes, ...]:
        """The roots, from left to right."""
        return tuple(self._frontier)

    def copy(self) -> "CompactRange":
        """Copy that grows on its own."""
        return CompactRange(self.size, self._frontier)

    def root(self) -> bytes:
        """Root of the tree so far; of an empty one SHA-256 of nothing."""
        return fold(self._frontier) if self._frontier else EMPTY_ROOT


def fold(subtrees: Sequence[bytes]) -> bytes:
    """Root over complete subtrees of falling height, at least one, from left to right."""
    root = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        root = node_hash(left, root)
    return root


def frontier_of(size: int, get: NodeGetter) -> CompactRange:
    """Compact range of the first ``size`` leaves of a stored tree."""
    return CompactRange(size, [get(level, index) for level, index in frontier_nodes(size)])


def inclusion_proof(index: int, size: int, get: NodeGetter) -> list[bytes]:
    """Path from leaf ``index`` to the root over ``size`` leaves, sibling of the leaf first (RFC 6962 section 2.1.1).

    Raises InputError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise InputError(f"no entry {index} in a log of {counted(size, 'entry', 'entries')}")
    proof: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(_root_between(middle, high, get))
            high = middle
        else:
            proof.append(_root_between(low, middle, get))
            low = middle
    return proof[::-1]


def consistency_proof(size1: int, size2: int, get: NodeGetter) -> list[bytes]:
    """Proof that the first ``size1`` leaves are a prefix of the first ``size2`` (RFC 6962 section 2.1.2).

    Raises InputError unless 0 < size1 <= size2.
    """
    if not 0 < size1 <= size2:
        raise InputError(f"no consistency proof from size {size1} to size {size2}", hint="0 < first <= second")
    proof: list[bytes] = []
    low, high = 0, size2
    while size1 != high:
        middle = low + _split(high - low)
        if size1 <= middle:
            proof.append(_root_between(middle, high, get))
            high = middle
        else:
            proof.append(_root_between(low, middle, get))
            low = middle
    if low:
        proof.append(_root_between(low, high, get))
    return proof[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash is at ``index`` under ``root`` (RFC 9162 section 2.1.3.2); raises VerificationError."""
    if not 0 <= index < size <= MAX_SIZE:
        raise VerificationError(f"no inclusion proof can be valid for entry {index} of {size}")
    _check_hashes((leaf, root, *proof))
    node, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise VerificationError("the inclusion proof is too long")
        if node & 1 or node == last:
            computed = node_hash(sibling, computed)
            node, last = _climb(node, last)
        else:
            computed = node_hash(computed, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise VerificationError("the inclusion proof is too short")
    if computed != root:
        raise VerificationError(f"the inclusion proof of entry {index} does not lead to the root")


def verify_consistency(size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of ``size1`` is a prefix of the one of ``size2`` (RFC 9162 section 2.1.4.2).

    Raises VerificationError; also for size1 = 0, from which nothing can be proved.
    """
    if not 0 < size1 <= size2 <= MAX_SIZE:
        raise VerificationError(f"no consistency proof can be valid from size {size1} to size {size2}")
    if size1 == size2:
        if proof or root1 != root2:
            raise VerificationError(f"two different trees of size {size1}, or a proof where none belongs")
        return
    _check_hashes((root1, root2, *proof))
    path = list(proof) if size1.bit_count() > 1 else [root1, *proof]
    if not path:
        raise VerificationError("the consistency proof is empty")
    if _roots_proved(size1, size2, path) != (root1, root2):
        raise VerificationError(f"the log of {size2} entries does not continue the log of {size1}")


def _roots_proved(size1: int, size2: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    node, last = size1 - 1, size2 - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise VerificationError("the consistency proof is too long")
        if node & 1 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            node, last = _climb(node, last)
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise VerificationError("the consistency proof is too short")
    return first, second


def _climb(node: int, last: int) -> tuple[int, int]:
    """Skip the levels at which the rightmost node has no sibling."""
    while node and not node & 1:
        node, last = node >> 1, last >> 1
    return node, last


def _split(width: int) -> int:
    """Return the largest power of two below ``width``."""
    return 1 << (width - 1).bit_length() - 1


def _root_between(low: int, high: int, get: NodeGetter) -> bytes:
    """Root over the leaves ``low`` up to ``high``, where ``low`` is where a subtree of that width begins."""
    width = high - low
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return get(level, low >> level)
    middle = low + _split(width)
    return node_hash(_root_between(low, middle, get), _root_between(middle, high, get))


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(one) != HASH_SIZE for one in hashes):
        raise VerificationError("a proof holds something that is not a 32-byte hash")
