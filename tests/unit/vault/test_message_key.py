import os

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from secmlops.core.errors import InputError, VerificationError
from secmlops.vault import message_key
from secmlops.vault.message_key import MessageKey, new_key

KEY, SALT = bytes(range(32)), bytes(range(24))


def _view(data: bytes | int) -> memoryview:
    return memoryview(bytearray(data))


def test_derives_as_the_specification_says() -> None:
    info = b"c2sp.org/chunked-encryption@v1+" + b"AEAD_AES_256_GCM" + b"\x00" + SALT + b"a context"
    derived = HKDFExpand(hashes.SHA256(), 76, info).derive(KEY)
    ours = MessageKey.derive(KEY, b"a context", SALT)
    assert ours.commitment == derived[44:]
    sealed = _view(5 + 16)
    ours.seal(0x0102, _view(b"hello"), sealed)
    nonce = derived[32:42] + bytes([derived[42] ^ 1, derived[43] ^ 2])
    assert AESGCM(derived[:32]).decrypt(nonce, bytes(sealed), None) == b"hello"


@pytest.mark.parametrize(
    ("key", "salt", "said"), [(KEY[:16], SALT, "32 bytes"), (KEY + b"x", SALT, "33"), (KEY, SALT[1:], "24 bytes")]
)
def test_keys_and_salts_of_another_size_are_refused(key: bytes, salt: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        MessageKey.derive(key, b"", salt)


def test_every_input_changes_the_commitment() -> None:
    commitments = {
        MessageKey.derive(key, context, salt).commitment
        for key, context, salt in [
            (KEY, b"", SALT),
            (new_key(), b"", SALT),
            (KEY, b"x", SALT),
            (KEY, b"", os.urandom(24)),
        ]
    }
    assert len(commitments) == 4


def test_the_last_chunk_number_is_taken_and_the_next_refused() -> None:
    key, sealed, plain = MessageKey.derive(KEY, b"", SALT), _view(19), _view(3)
    key.seal(2**38 - 1, _view(b"abc"), sealed)
    key.open(2**38 - 1, sealed, plain)
    assert bytes(plain) == b"abc"
    with pytest.raises(InputError, match="4 PiB"):
        key.seal(2**38, _view(b"abc"), sealed)
    with pytest.raises(VerificationError, match="4 PiB"):
        key.open(2**38, sealed, plain)


@pytest.mark.parametrize("in_place", [True, False])
def test_with_and_without_in_place_calls(monkeypatch: pytest.MonkeyPatch, in_place: bool) -> None:
    if in_place and not hasattr(AESGCM, "encrypt_into"):
        pytest.skip("this release of cryptography has no in-place calls")
    monkeypatch.setattr(message_key, "_IN_PLACE", in_place)
    key, sealed, plain = MessageKey.derive(KEY, b"", SALT), _view(7 + 16), _view(b"-------")
    key.seal(3, _view(b"private"), sealed)
    key.open(3, sealed, plain)
    assert bytes(plain) == b"private"
    with pytest.raises(VerificationError, match="chunk 4"):
        key.open(4, sealed, plain)
    assert bytes(plain) == bytes(7), "what was not verified is not left behind"


def test_secrets_are_not_shown() -> None:
    assert repr(MessageKey.derive(KEY, b"", SALT)).count("=") == 1
