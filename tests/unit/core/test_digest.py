import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_digest_of_nothing_is_that_of_the_standard() -> None:
    assert Digest.of(b"") == Digest(EMPTY)
    assert str(Digest(EMPTY)) == f"sha256:{EMPTY}"
    assert Digest(EMPTY).short == "e3b0c44298fc"


@given(st.binary(max_size=64))
def test_written_digests_are_read_back(data: bytes) -> None:
    digest = Digest.of(data)
    assert Digest.parse(str(digest)) == digest
    assert digest.raw == hashlib.sha256(data).digest()
    assert Digest.of(memoryview(data)) == Digest.of(bytearray(data)) == digest


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sha256:",
        EMPTY,
        f"sha512:{EMPTY}",
        f"SHA256:{EMPTY}",
        f"sha256:{EMPTY.upper()}",
        f"sha256:{EMPTY[:-1]}",
        f"sha256:{EMPTY}0",
        f"sha256:{EMPTY}\n",
        f"sha256: {EMPTY[1:]}",
        f"sha256:{EMPTY[:-1]}٣",
        f"sha256:sha256:{EMPTY}",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not a"):
        Digest.parse(text)
