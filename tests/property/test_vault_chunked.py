"""What holds of chunked encryption for every message, context and way of reading."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.core.errors import VerificationError
from secmlops.vault.chunked import ChunkedReader, decrypt_stream, encrypt_stream

KEY = bytes(range(32))
EDGES = [0, 1, 15, 16, 17, 16383, 16384, 16385, 16 * 16384 - 1, 16 * 16384, 16 * 16384 + 1]
SIZES = st.one_of(st.sampled_from(EDGES), st.integers(0, 300_000))
CONTEXTS = st.binary(max_size=80)


def message(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def seal(data: bytes, context: bytes = b"") -> bytes:
    sink = io.BytesIO()
    encrypt_stream(io.BytesIO(data), sink, KEY, context)
    return sink.getvalue()


def unseal(sealed: bytes, context: bytes = b"") -> bytes:
    sink = io.BytesIO()
    decrypt_stream(io.BytesIO(sealed), sink, KEY, context)
    return sink.getvalue()


class Uneven(io.RawIOBase):
    """Gives its bytes in pieces of given sizes, over and over."""

    def __init__(self, data: bytes, pieces: list[int]) -> None:
        self._data, self._pieces = io.BytesIO(data), pieces

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        self._pieces.append(size := self._pieces.pop(0))
        return self._data.readinto(memoryview(buffer)[:size])


@settings(max_examples=40, deadline=None)
@given(SIZES, CONTEXTS)
def test_what_is_sealed_opens(size: int, context: bytes) -> None:
    sealed = seal(message(size), context)
    assert unseal(sealed, context) == message(size)
    with ChunkedReader(io.BytesIO(sealed), KEY, context) as reader:
        assert reader.size == size
        assert reader.readall() == message(size)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 80_000), st.lists(st.integers(1, 20_000), min_size=1, max_size=5))
def test_it_does_not_matter_in_what_pieces_a_source_comes(size: int, pieces: list[int]) -> None:
    sink = io.BytesIO()
    encrypt_stream(Uneven(message(size), list(pieces)), sink, KEY, b"", bytes(24))
    whole = io.BytesIO()
    encrypt_stream(io.BytesIO(message(size)), whole, KEY, b"", bytes(24))
    assert sink.getvalue() == whole.getvalue()
    opened = io.BytesIO()
    decrypt_stream(Uneven(sink.getvalue(), list(pieces)), opened, KEY, b"")
    assert opened.getvalue() == message(size)


@settings(max_examples=40, deadline=None)
@given(SIZES, st.lists(st.tuples(st.integers(0, 310_000), st.integers(0, 70_000)), max_size=6), st.booleans())
def test_any_range_is_the_range_of_the_plaintext(size: int, ranges: list[tuple[int, int]], buffered: bool) -> None:
    raw = ChunkedReader(io.BytesIO(seal(message(size))), KEY, b"")
    with io.BufferedReader(raw, 5000 if buffered else 1) as stream:
        for offset, count in ranges:
            stream.seek(offset)
            assert stream.read(count) == message(size)[offset : offset + count]


@settings(max_examples=60, deadline=None)
@given(SIZES, st.data())
def test_every_truncation_is_refused(size: int, data: st.DataObject) -> None:
    sealed = seal(message(size))
    length = data.draw(st.integers(0, len(sealed) - 1))
    with pytest.raises(VerificationError):
        unseal(sealed[:length])
    with pytest.raises(VerificationError):
        ChunkedReader(io.BytesIO(sealed[:length]), KEY, b"")


@settings(max_examples=60, deadline=None)
@given(SIZES, st.binary(min_size=1, max_size=40_000))
def test_every_extension_is_refused(size: int, more: bytes) -> None:
    sealed = seal(message(size)) + more
    with pytest.raises(VerificationError):
        unseal(sealed)
    with pytest.raises(VerificationError):
        ChunkedReader(io.BytesIO(sealed), KEY, b"")


@settings(max_examples=60, deadline=None)
@given(SIZES, CONTEXTS, CONTEXTS, st.data())
def test_every_alteration_is_refused(size: int, context: bytes, other: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal(message(size), context))
    if other != context:
        with pytest.raises(VerificationError):
            unseal(bytes(sealed), other)
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(VerificationError):
        unseal(bytes(sealed), context)
    with pytest.raises(VerificationError):
        ChunkedReader(io.BytesIO(sealed), KEY, context).readall()
