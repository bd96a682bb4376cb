import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.note import NoteKey, SignatureLine, decode_base64, encode_base64, open_note, sign_note, split_note
from secmlops.trust.keys import Algorithm, PrivateKey

# The example of the note package of Go's module mirror.
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NOTE = (
    f"{TEXT}\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()
NAME = "ledger.example/note"


@pytest.fixture
def key(signer):
    return NoteKey(NAME, signer.public)


def test_a_published_note_opens_with_its_published_key():
    key = NoteKey.parse(VKEY)
    assert (key.name, key.vkey) == ("PeterNeumann", VKEY)
    assert open_note(NOTE, [key]) == TEXT


def test_a_signed_note_opens_and_its_key_survives_as_text(signer, key):
    note = sign_note("one\n\ntwo\n", NAME, signer)
    assert open_note(note, [NoteKey.parse(key.vkey)]) == "one\n\ntwo\n"


def test_every_flipped_byte_of_a_note_is_noticed(signer, key):
    note = sign_note("text\n", NAME, signer)
    for place in range(len(note)):
        changed = bytearray(note)
        changed[place] ^= 1
        with pytest.raises(VerificationError):
            open_note(bytes(changed), [key])


def test_every_cut_note_is_refused(signer, key):
    note = sign_note("text\n", NAME, signer)
    for end in range(len(note)):
        with pytest.raises(VerificationError):
            open_note(note[:end], [key])


def test_signatures_of_others_are_ignored_but_never_enough(signer, key):
    other = PrivateKey.generate(Algorithm.ED25519)
    note = sign_note("text\n", NAME, signer)
    witness = sign_note("text\n", "witness.example", other)
    line = witness.decode().split("\n\n")[1].encode()
    assert open_note(note + line, [key]) == "text\n"
    assert len(split_note(note + line)[1]) == 2
    with pytest.raises(VerificationError, match="not signed by a known key"):
        open_note(witness, [key])
    with pytest.raises(VerificationError, match="not signed by a known key"):
        open_note(sign_note("text\n", NAME, other), [key])


def test_one_wrong_signature_by_a_known_key_spoils_the_note(signer, key):
    note = sign_note("text\n", NAME, signer)
    forged = str(SignatureLine(NAME, key.key_id, bytes(64))).encode()
    for spoiled in (note + forged, note[:6] + forged + note[6:]):
        with pytest.raises(VerificationError, match="does not hold"):
            open_note(spoiled, [key])


def test_sixteen_signatures_are_accepted_and_a_flood_is_refused(signer, key):
    note = sign_note("text\n", NAME, signer)
    line = str(SignatureLine("other", b"abcd", b"x")).encode()
    assert open_note(note + line * 15, [key]) == "text\n"
    with pytest.raises(VerificationError, match="101 signatures"):
        open_note(note + line * 100, [key])
    with pytest.raises(VerificationError, match="too large"):
        open_note(b"x" * 1_000_001, [key])


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\r\n\n\xe2\x80\x94 name AAAAAAA=\n",
        b"\xff\n\n\xe2\x80\x94 name AAAAAAA=\n",
        b"text\n\n- name AAAAAAA=\n",
        "text\n\n— name AAAAAAA=".encode(),
        "text\n\n— name AAAA\n".encode(),
        "text\n\n— na+me AAAAAAA=\n".encode(),
        "text\n\n— na\u00a0me AAAAAAA=\n".encode(),
        "text\n\n— name AAAAAAB=\n".encode(),
        "text\n\n— name  AAAAAAA=\n".encode(),
        "text\n\n— name AAAAAAA= \n".encode(),
    ],
)
def test_what_is_not_a_signed_note_is_refused(note):
    with pytest.raises(VerificationError):
        split_note(note)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\u2003b", "tab\t"])
def test_a_name_that_breaks_the_format_is_no_key_name(name, signer):
    with pytest.raises(InputError, match="not a key name"):
        NoteKey(name, signer.public)


@pytest.mark.parametrize("text", ["", "no newline", "a\x00b\n", "a\r\n"])
def test_a_text_that_breaks_the_format_is_not_signed(text, signer):
    with pytest.raises(InputError, match="cannot be signed"):
        sign_note(text, NAME, signer)


def test_a_key_of_another_algorithm_signs_no_note():
    with pytest.raises(InputError, match="Ed25519"):
        sign_note("text\n", NAME, PrivateKey.generate(Algorithm.ECDSA_P256))


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        VKEY.replace("c74f20a3", "c74f20a4"),
        VKEY.replace("Peter", "Pewer"),
        VKEY[:-4],
        VKEY.replace("+AR", "+BB"),
        VKEY + "=",
    ],
)
def test_a_damaged_verifier_key_is_refused(vkey):
    with pytest.raises(InputError):
        NoteKey.parse(vkey)


@pytest.mark.parametrize("text", ["AA", "AB==", "AA==\n", "A A=", "AA-_", "é"])
def test_base_64_has_one_form(text):
    assert decode_base64(encode_base64(b"\x00")) == b"\x00"
    with pytest.raises(VerificationError):
        decode_base64(text)
