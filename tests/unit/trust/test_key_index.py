from datetime import timedelta

import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.trust import key_index
from secmlops.trust.key_index import KeyEncryptionKey, KeyIndex
from secmlops.trust.keys import Algorithm, PrivateKey
from secmlops.trust.roles import KeyRing, RingKey, Role

KEY = b"k" * 32
PUBLIC = PrivateKey.generate(Algorithm.ED25519).public


@pytest.fixture
def index(now):
    return KeyIndex(KeyRing((RingKey(PUBLIC, Role.LOG, now),)), (KeyEncryptionKey("ab" * 16, now),))


def test_an_index_comes_back(index, now):
    longer = index.with_key_encryption_key("cd" * 16, now + timedelta(days=1))
    assert KeyIndex.from_bytes(longer.to_bytes(KEY), KEY, "index") == longer
    assert [k.until for k in longer.key_encryption] == [now + timedelta(days=1), None]


def test_every_flip_and_every_cut_is_refused(index):
    data = index.to_bytes(KEY)
    for place in range(len(data)):
        flipped = bytearray(data)
        flipped[place] ^= 1
        for changed in (bytes(flipped), data[:place]):
            with pytest.raises(VerificationError, match="the index of the keys was changed"):
                KeyIndex.from_bytes(changed, KEY, "index")


def test_an_index_of_another_folder_is_refused(index):
    with pytest.raises(VerificationError, match="was changed"):
        KeyIndex.from_bytes(index.to_bytes(b"x" * 32), KEY, "index")


def test_a_period_does_not_end_before_it_begins(index, now):
    with pytest.raises(InputError, match="before it begins"):
        index.with_key_encryption_key("cd" * 16, now - timedelta(days=1))


@pytest.mark.parametrize(
    "change",
    [
        (b'"version":1}', b'"version":2}'),
        (b'"version":1}', b'"version":1,"x":1}'),
        (b'"role":"log"', b'"role":"king"'),
        (b'"since":"2025-03', b'"since":"2025-13'),
    ],
)
def test_an_authentic_index_of_another_release_is_refused(index, change):
    body = index.to_bytes(KEY).partition(b"\n")[2]
    assert change[0] in body
    other = body.replace(*change)
    with pytest.raises(VerificationError, match="of this release"):
        KeyIndex.from_bytes(key_index._mac(KEY, other) + b"\n" + other, KEY, "index")


def test_an_index_without_a_key_encryption_key_is_refused(index):
    empty = KeyIndex(index.ring, ())
    with pytest.raises(VerificationError, match="of this release"):
        KeyIndex.from_bytes(empty.to_bytes(KEY), KEY, "index")
