import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from secmlops.core.errors import VerificationError
from secmlops.trust.sealing import derived_key, seal, unseal

KEY = bytes(range(32))


def test_a_sealed_secret_comes_back():
    assert unseal(KEY, seal(KEY, b"secret", b"here"), b"here") == b"secret"
    assert unseal(KEY, seal(KEY, b"", b""), b"") == b""


def test_every_flip_and_every_cut_is_refused():
    sealed = seal(KEY, b"secret", b"here")
    for place in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[place] ^= 0x80
        for changed in (bytes(flipped), sealed[:place], sealed + sealed[:1]):
            with pytest.raises(VerificationError, match="changed, cut"):
                unseal(KEY, changed, b"here")


def test_another_key_or_place_is_refused():
    sealed = seal(KEY, b"secret", b"here")
    for key, context in ((KEY[::-1], b"here"), (KEY, b"there")):
        with pytest.raises(VerificationError):
            unseal(key, sealed, context)


def test_no_two_seals_are_the_same():
    assert seal(KEY, b"secret", b"here") != seal(KEY, b"secret", b"here")


def test_derived_keys_are_hkdf_and_differ_by_purpose():
    expected = HKDFExpand(SHA256(), 32, b"secmlops\0mac\0names").derive(KEY)
    assert derived_key(KEY, "mac", "names") == expected
    assert len({derived_key(KEY, *p) for p in (("mac", "a"), ("mac", "b"), ("maca",), ("seal",))}) == 4
