import pytest

from secmlops.core.errors import VerificationError
from secmlops.ledger.entry import open_leaf
from secmlops.ledger.receipt import HEADER, Receipt, verify_receipt

HASH = "A" * 43 + "="


@pytest.fixture
def receipt(ledger):
    ledger.append([("evidence", b"%d" % i) for i in range(11)])
    return ledger.receipt(6)


def test_a_receipt_gives_the_entry_to_whoever_has_the_public_key(receipt, signer):
    assert open_leaf(verify_receipt(receipt, signer.public, "ledger.example/test")) == ("evidence", b"6")
    assert verify_receipt(receipt, signer.public) == b"evidence\x006"


def test_a_receipt_is_read_and_written_byte_for_byte(receipt):
    assert receipt.startswith(f"{HEADER}\nextra ZXZpZGVuY2UANg==\nindex 6\n")
    assert Receipt.parse(receipt).to_text() == receipt
    bare = Receipt(0, (), b"note")
    assert bare.to_text() == f"{HEADER}\nindex 0\n\nnote"
    assert Receipt.parse(bare.to_text()) == bare


def test_a_receipt_without_its_entry_proves_nothing_here(receipt, signer):
    lines = receipt.split("\n")
    with pytest.raises(VerificationError, match="does not carry its entry"):
        verify_receipt("\n".join(lines[:1] + lines[2:]), signer.public)


@pytest.mark.parametrize(
    "text",
    [
        "",
        HEADER,
        "c2sp.org/tlog-proof@v2\nindex 0\n\nx",
        f"{HEADER}\nindex -1\n\nx",
        f"{HEADER}\nindex 01\n\nx",
        f"{HEADER}\nindex\n\nx",
        f"{HEADER}\nindex 0\nextra AA==\n\nx",
        f"{HEADER}\nextra A\nindex 0\n\nx",
        f"{HEADER}\nindex 0\nAA==\n\nx",
        f"{HEADER}\nindex 0\n" + f"{HASH}\n" * 64 + "\nx",
        f"{HEADER}\nindex 0\n\n\ud800",
        "x" * 2_000_001,
    ],
)
def test_what_is_no_receipt_is_refused(text):
    with pytest.raises(VerificationError):
        Receipt.parse(text)


def test_the_longest_proof_is_read():
    assert len(Receipt.parse(f"{HEADER}\nindex 0\n" + f"{HASH}\n" * 63 + "\nx").proof) == 63
