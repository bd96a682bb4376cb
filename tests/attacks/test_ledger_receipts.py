"""A receipt proves one entry, of one ledger, by one key: whatever else is made of it is refused."""

import pytest

from secmlops.core.errors import VerificationError
from secmlops.ledger.entry import leaf_bytes
from secmlops.ledger.log import Ledger
from secmlops.ledger.receipt import Receipt, verify_receipt
from secmlops.trust.keys import Algorithm, PrivateKey

ORIGIN = "ledger.example/receipts"
SIGNER = PrivateKey.generate(Algorithm.ED25519)


@pytest.fixture(scope="module")
def receipts(tmp_path_factory):
    with Ledger.open(tmp_path_factory.mktemp("receipts") / "l.db", SIGNER, ORIGIN) as ledger:
        ledger.append([("prediction", b"%d" % i) for i in range(7)])
        early = ledger.receipt(3)
        ledger.append([("prediction", b"more")])
        return early, [ledger.receipt(i) for i in range(8)]


def refused(receipt: Receipt | str, key=SIGNER, origin=ORIGIN):
    text = receipt if isinstance(receipt, str) else receipt.to_text()
    with pytest.raises(VerificationError):
        verify_receipt(text, key.public, origin)


def changed(receipt, **fields):
    return Receipt(
        **{"index": receipt.index, "proof": receipt.proof, "checkpoint": receipt.checkpoint, "extra": receipt.extra}
        | fields
    )


def test_every_character_of_a_receipt_matters(receipts):
    text = receipts[1][3]
    assert verify_receipt(text, SIGNER.public, ORIGIN) == b"prediction\x003"
    for place, character in enumerate(text):
        for other in {chr(ord(character) ^ 1), "A", "\n", "—", ""} - {character}:
            refused(text[:place] + other + text[place + 1 :])


def test_every_cut_receipt_is_refused(receipts):
    for end in range(len(receipts[1][3])):
        refused(receipts[1][3][:end])


def test_a_receipt_of_another_key_or_origin_is_refused(receipts):
    refused(receipts[0], key=PrivateKey.generate(Algorithm.ED25519))
    refused(receipts[0], key=PrivateKey.generate(Algorithm.ECDSA_P256))
    refused(receipts[0], origin="ledger.example/other")


def test_the_proof_of_another_index_is_refused(receipts):
    parsed = [Receipt.parse(text) for text in receipts[1]]
    for index in range(8):
        for other in set(range(8)) - {index}:
            refused(changed(parsed[index], index=other))
            refused(changed(parsed[index], proof=parsed[other].proof))
            refused(changed(parsed[index], extra=parsed[other].extra))


def test_the_checkpoint_of_another_size_is_refused(receipts):
    early, late = Receipt.parse(receipts[0]), Receipt.parse(receipts[1][3])
    refused(changed(late, checkpoint=early.checkpoint))
    refused(changed(early, checkpoint=late.checkpoint))


def test_an_inner_node_cannot_be_passed_off_as_an_entry(receipts):
    parsed = Receipt.parse(receipts[1][0])
    inner = parsed.proof[0] + parsed.proof[0]
    for extra in (inner, b"\x01" + inner, b"\x00" + leaf_bytes("prediction", b"0")):
        refused(changed(parsed, extra=extra, proof=parsed.proof[1:]))


def test_a_signature_stripped_or_replaced_by_a_witness_is_refused(receipts):
    text, _, signature = receipts[0].rpartition("— ")
    refused(text)
    refused(f"{text}— witness.example {signature.split(' ')[1]}")


def test_a_later_cosignature_of_a_witness_does_no_harm(receipts):
    cosigned = receipts[0] + "— witness.example AAAAAAA=\n"
    assert verify_receipt(cosigned, SIGNER.public, ORIGIN) == b"prediction\x003"
