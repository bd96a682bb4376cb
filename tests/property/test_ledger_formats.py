import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.errors import VerificationError
from secmlops.ledger.audit import audit
from secmlops.ledger.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from secmlops.ledger.entry import leaf_bytes, open_leaf
from secmlops.ledger.log import Ledger
from secmlops.ledger.note import open_note, split_note
from secmlops.ledger.receipt import Receipt, verify_receipt
from secmlops.trust.keys import Algorithm, PrivateKey

ORIGIN = "ledger.example/property"
SIGNER = PrivateKey.generate(Algorithm.ED25519)
KINDS = st.from_regex(r"\A[a-z][a-z0-9_-]{0,31}\Z")
HASHES = st.binary(min_size=32, max_size=32)


@settings(max_examples=60)
@given(KINDS, st.binary(max_size=200))
def test_a_leaf_is_read_in_one_way_only(kind, data):
    assert open_leaf(leaf_bytes(kind, data)) == (kind, data)


@settings(max_examples=30)
@given(st.integers(1, 2**63 - 1), HASHES)
def test_a_checkpoint_survives_its_note(size, root):
    checkpoint = Checkpoint(ORIGIN, size, root)
    assert read_checkpoint(sign_checkpoint(checkpoint, SIGNER), [SIGNER.public], ORIGIN) == checkpoint


@settings(max_examples=60)
@given(st.integers(0, 2**63 - 1), st.lists(HASHES, max_size=63), st.none() | st.binary(max_size=99))
def test_a_receipt_survives_its_text(index, proof, extra):
    receipt = Receipt(index, tuple(proof), sign_checkpoint(Checkpoint(ORIGIN, 1, bytes(32)), SIGNER), extra)
    assert Receipt.parse(receipt.to_text()) == receipt


@settings(max_examples=100)
@given(st.text(max_size=200), st.binary(max_size=200))
def test_anything_else_is_refused_and_never_crashes(text, data):
    with pytest.raises(VerificationError):
        verify_receipt(text, SIGNER.public)
    with pytest.raises(VerificationError):
        verify_receipt(f"c2sp.org/tlog-proof@v1\n{text}", SIGNER.public)
    with pytest.raises(VerificationError):
        open_note(data, [])
    with pytest.raises(VerificationError):
        split_note(data[:50] + b"\n\n" + data[50:100].replace(b"\xe2", b""))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.tuples(KINDS, st.binary(max_size=50)), max_size=20), max_size=8))
def test_whatever_the_batches_the_ledger_is_their_concatenation(batches):
    with tempfile.TemporaryDirectory() as folder, Ledger.open(Path(folder) / "l.db", SIGNER, ORIGIN) as ledger:
        for batch in batches:
            ledger.append(batch)
        everything = [entry for batch in batches for entry in batch]
        assert [(r.kind, r.data) for r in ledger.entries()] == everything
        assert audit(ledger.storage, SIGNER.public, ORIGIN).ok
        for place, (kind, data) in enumerate(everything[-5:], max(0, len(everything) - 5)):
            assert open_leaf(verify_receipt(ledger.receipt(place), SIGNER.public, ORIGIN)) == (kind, data)
