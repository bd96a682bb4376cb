import base64
import hashlib
import json

import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    frontier_nodes,
    frontier_of,
    inclusion_proof,
    leaf_hash,
    node_hash,
    stored_count,
    stored_position,
    verify_consistency,
    verify_inclusion,
)

# The eight leaves of the reference tree of Certificate Transparency, and the roots of its first 1 to 8 leaves.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Tree:
    """All nodes of a growing tree, as a storage keeps them."""

    def __init__(self, size: int) -> None:
        self.range = CompactRange()
        self.stored: list[bytes] = []
        self.roots = [self.range.root()]
        for i in range(size):
            self.stored += self.range.append(leaf_hash(b"%d" % i))
            self.roots.append(self.range.root())

    def get(self, level: int, index: int) -> bytes:
        return self.stored[stored_position(level, index)]


def mth(leaves: list[bytes]) -> bytes:
    """The recursive definition of RFC 6962 section 2.1."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(mth(leaves[:k]), mth(leaves[k:]))


def vectors(folder):
    found = sorted(folder.rglob("*.json"))
    assert len(found) == 98
    return [json.loads(file.read_text()) for file in found]


def test_the_reference_tree_has_the_published_roots():
    tree = CompactRange()
    assert tree.root() == EMPTY_ROOT == hashlib.sha256().digest()
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        tree.append(leaf_hash(leaf))
        assert tree.root().hex() == root


def test_every_root_is_the_one_of_the_recursive_definition():
    tree = Tree(70)
    assert tree.roots == [mth([b"%d" % i for i in range(n)]) for n in range(71)]


def test_nodes_are_stored_without_gap_in_the_order_in_which_they_are_complete():
    tree = Tree(67)
    assert len(tree.stored) == stored_count(67)
    places = {stored_position(level, n) for level in range(7) for n in range(67 >> level)}
    assert places == set(range(stored_count(67)))
    assert tree.get(3, 2) == mth([b"%d" % i for i in range(16, 24)])


def test_a_frontier_read_back_grows_like_the_first_one():
    tree = Tree(67)
    for size in range(68):
        back = frontier_of(size, tree.get)
        assert back.root() == tree.roots[size]
        assert [level for level, _ in frontier_nodes(size)] == sorted(
            (level for level, _ in frontier_nodes(size)), reverse=True
        )
    copy = back.copy()
    copy.append(leaf_hash(b"more"))
    assert (back.size, copy.size) == (67, 68)
    with pytest.raises(VerificationError, match="frontier"):
        CompactRange(3, [EMPTY_ROOT])


def test_every_proof_of_inclusion_holds_for_its_entry_only():
    tree = Tree(20)
    for size in range(1, 21):
        for index in range(size):
            proof = inclusion_proof(index, size, tree.get)
            leaf, root = leaf_hash(b"%d" % index), tree.roots[size]
            verify_inclusion(leaf, index, size, proof, root)
            for wrong in {(index + 1) % size, index ^ 1} - {index}:
                with pytest.raises(VerificationError):
                    verify_inclusion(leaf, wrong, size, proof, root)
            for bad in ([*proof, root], proof[:-1] if proof else [leaf]):
                with pytest.raises(VerificationError):
                    verify_inclusion(leaf, index, size, bad, root)


def test_every_proof_of_consistency_holds_between_its_sizes_only():
    tree = Tree(20)
    for size2 in range(1, 21):
        for size1 in range(1, size2 + 1):
            proof = consistency_proof(size1, size2, tree.get)
            root1, root2 = tree.roots[size1], tree.roots[size2]
            verify_consistency(size1, root1, size2, root2, proof)
            for bad in (
                (size1, root2, size2, root1, [*proof, root1]),
                (size1, tree.roots[size1 - 1], size2, root2, proof),
                (size1, root1, size2, tree.roots[size2 - 1], proof),
                (size1, root1, size2, root2, [*proof, root1]),
                (size1, root1, size2, root2, proof[:-1] if proof else [root1]),
            ):
                with pytest.raises(VerificationError):
                    verify_consistency(*bad)


def test_the_published_inclusion_vectors(shared_data):
    outcomes = []
    for vector in vectors(shared_data("merkle/inclusion")):
        proof = [base64.b64decode(p) for p in vector["proof"] or []]
        leaf, root = base64.b64decode(vector["leafHash"] or ""), base64.b64decode(vector["root"] or "")
        try:
            verify_inclusion(leaf, vector["leafIdx"], vector["treeSize"], proof, root)
            outcomes.append(not vector["wantErr"])
        except VerificationError:
            outcomes.append(vector["wantErr"])
    assert all(outcomes)


def test_the_published_consistency_vectors_and_size_zero_is_refused(shared_data):
    for vector in vectors(shared_data("merkle/consistency")):
        proof = [base64.b64decode(p) for p in vector["proof"] or []]
        root1, root2 = base64.b64decode(vector["root1"] or ""), base64.b64decode(vector["root2"] or "")
        if vector["wantErr"] or vector["size1"] == 0:
            with pytest.raises(VerificationError):
                verify_consistency(vector["size1"], root1, vector["size2"], root2, proof)
        else:
            verify_consistency(vector["size1"], root1, vector["size2"], root2, proof)


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0)])
def test_no_proof_is_made_for_an_entry_that_is_not_there(index, size):
    with pytest.raises(InputError, match="no entry"):
        inclusion_proof(index, size, Tree(8).get)


@pytest.mark.parametrize(("size1", "size2"), [(0, 4), (5, 4), (-1, 4)])
def test_no_consistency_proof_is_made_from_nothing_or_backwards(size1, size2):
    with pytest.raises(InputError, match="no consistency proof"):
        consistency_proof(size1, size2, Tree(8).get)


@pytest.mark.parametrize("cuts", [(0, 0, 21), (1, 2, 18), (7, 1, 13), (8, 8, 5)])
def test_many_leaves_at_once_grow_the_same_tree_as_one_by_one(cuts):
    tree, grown, start = CompactRange(), [], 0
    for width in cuts:
        grown += tree.extend(leaf_hash(b"%d" % i) for i in range(start, start + width))
        start += width
    single = Tree(21)
    assert (grown, tree.root(), tree.size) == (single.stored, single.roots[21], 21)
