"""Compressed bodies: unpacked exactly, and never further than the bound."""

import gzip
import tracemalloc
import zlib

import pytest

from kits.questions import body_of
from secmlops.core.errors import InputError
from secmlops.serving.coding import CODINGS, unpacked

PACK = {"gzip": gzip.compress, "deflate": zlib.compress}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_body_is_unpacked(coding):
    body = body_of()
    assert unpacked(PACK[coding](body), coding, len(body)) == body
    assert unpacked(PACK[coding](b""), coding, 10) == b""


@pytest.mark.parametrize("coding", CODINGS)
def test_one_byte_more_than_the_bound_is_refused(coding):
    with pytest.raises(InputError, match="more than 99 bytes"):
        unpacked(PACK[coding](b"x" * 100), coding, 99)


@pytest.mark.parametrize("coding", CODINGS)
def test_a_bomb_is_never_unpacked(coding):
    bomb = PACK[coding](b"\0" * (16 * 2**20))
    tracemalloc.start()
    with pytest.raises(InputError, match="more than"):
        unpacked(bomb, coding, 2**18)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize(
    "change",
    [lambda b: b[:-1], lambda b: b + b"\0", lambda b: b + b, lambda b: b"", lambda b: b"plain", lambda b: b[:8],
     lambda b: b[:-5] + bytes([b[-5] ^ 1]) + b[-4:], lambda b: b[:-1] + bytes([b[-1] ^ 1])],
)  # fmt: skip
def test_what_is_not_exactly_one_whole_stream_is_refused(coding, change):
    with pytest.raises(InputError):
        unpacked(change(PACK[coding](body_of())), coding, 10_000)


def test_the_two_formats_are_not_mixed_up():
    for one, other in (("gzip", "deflate"), ("deflate", "gzip")):
        with pytest.raises(InputError):
            unpacked(PACK[one](b"x"), other, 10)
