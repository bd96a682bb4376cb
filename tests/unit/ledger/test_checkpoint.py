import pytest

from secmlops.core.errors import VerificationError
from secmlops.ledger.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from secmlops.ledger.merkle import EMPTY_ROOT
from secmlops.ledger.note import sign_note
from secmlops.trust.keys import Algorithm, PrivateKey

ORIGIN = "example.com/behind-the-sofa"
ROOT = bytes(range(32))
B64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.mark.parametrize(
    "checkpoint",
    [
        Checkpoint(ORIGIN, 20852163, ROOT),
        Checkpoint(ORIGIN, 0, EMPTY_ROOT),
        Checkpoint(ORIGIN, 2**63 - 1, ROOT, ("an extension", "another")),
    ],
)
def test_a_checkpoint_is_read_back(checkpoint, signer):
    assert read_checkpoint(sign_checkpoint(checkpoint, signer), [signer.public], ORIGIN) == checkpoint


def test_the_text_is_the_one_of_the_specification():
    assert Checkpoint(ORIGIN, 7, ROOT).text == f"{ORIGIN}\n7\n{B64}\n"


def test_another_log_or_key_is_refused(signer):
    note = sign_checkpoint(Checkpoint(ORIGIN, 7, ROOT), signer)
    other = PrivateKey.generate(Algorithm.ED25519)
    assert read_checkpoint(note, [other.public, signer.public]).origin == ORIGIN
    with pytest.raises(VerificationError, match="another log"):
        read_checkpoint(note, [signer.public], "example.com/other")
    with pytest.raises(VerificationError, match="not signed by a known key"):
        read_checkpoint(note, [other.public], ORIGIN)
    with pytest.raises(VerificationError, match="Ed25519"):
        read_checkpoint(note, [PrivateKey.generate(Algorithm.ECDSA_P256).public])


def test_a_signature_under_another_name_does_not_count(signer):
    note = sign_note(Checkpoint(ORIGIN, 7, ROOT).text, "example.com/other", signer)
    with pytest.raises(VerificationError, match="not signed by a known key"):
        read_checkpoint(note, [signer.public])


@pytest.mark.parametrize(
    "body",
    [
        f"07\n{B64}",
        f"-1\n{B64}",
        f"+7\n{B64}",
        f"\u0667\n{B64}",
        f"{2**63}\n{B64}",
        f"99999999999999999999\n{B64}",
        f"7\n{B64[:-4]}",
        f"7\n{B64[:-2]}9=",
        f"0\n{B64}",
        f"7\n{B64}\n\nx",
    ],
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(body, signer):
    note = sign_note(f"{ORIGIN}\n{body}\n", ORIGIN, signer)
    with pytest.raises(VerificationError):
        read_checkpoint(note, [signer.public])
