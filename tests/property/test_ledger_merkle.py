import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.errors import VerificationError
from secmlops.ledger.merkle import (
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    stored_position,
    verify_consistency,
    verify_inclusion,
)

STORED: list[bytes] = []
ROOTS: list[bytes] = []
LARGEST = 3000


def setup_module():
    tree = CompactRange()
    ROOTS.append(tree.root())
    for i in range(LARGEST):
        STORED.extend(tree.append(leaf_hash(b"%d" % i)))
        ROOTS.append(tree.root())


def node(level, index):
    return STORED[stored_position(level, index)]


@st.composite
def sizes(draw):
    size = draw(st.integers(1, LARGEST))
    return draw(st.integers(1, size)), size


@settings(max_examples=60)
@given(sizes())
def test_every_inclusion_proof_holds(pair):
    index, size = pair[0] - 1, pair[1]
    verify_inclusion(leaf_hash(b"%d" % index), index, size, inclusion_proof(index, size, node), ROOTS[size])


@settings(max_examples=60)
@given(sizes())
def test_every_consistency_proof_holds(pair):
    proof = consistency_proof(*pair, node)
    verify_consistency(pair[0], ROOTS[pair[0]], pair[1], ROOTS[pair[1]], proof)


@settings(max_examples=60)
@given(sizes(), st.data())
def test_an_inclusion_proof_with_one_bit_flipped_never_holds(pair, data):
    index, size = pair[0] - 1, pair[1]
    leaf = leaf_hash(b"%d" % index)
    parts = [leaf, ROOTS[size], *inclusion_proof(index, size, node)]
    part, bit = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 255))
    parts[part] = (int.from_bytes(parts[part], "big") ^ 1 << bit).to_bytes(32, "big")
    with pytest.raises(VerificationError):
        verify_inclusion(parts[0], index, size, parts[2:], parts[1])


@settings(max_examples=60)
@given(sizes(), st.integers(0, LARGEST - 1))
def test_an_inclusion_proof_holds_at_no_other_index(pair, other):
    index, size = pair[0] - 1, pair[1]
    if other != index:
        with pytest.raises(VerificationError):
            verify_inclusion(leaf_hash(b"%d" % index), other, size, inclusion_proof(index, size, node), ROOTS[size])


@settings(max_examples=100)
@given(
    st.integers(-2, 2**64),
    st.integers(-2, 2**64),
    st.lists(st.binary(min_size=31, max_size=33), max_size=70),
    st.binary(min_size=32, max_size=32),
)
def test_made_up_proofs_are_refused_and_never_crash(a, b, proof, root):
    with pytest.raises(VerificationError):
        verify_inclusion(root, a, b, proof, leaf_hash(root))
    with pytest.raises(VerificationError):
        verify_consistency(a, root, b, leaf_hash(root), proof)
