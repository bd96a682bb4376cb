import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.vault.intake import HashingReader, SecondReading, admitted

DATA = os.urandom(600_000)


def _pipe(data: bytes) -> BinaryIO:
    """A stream without a way back."""

    class OneWay(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation("seek")

    return OneWay(data)


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview, io.BytesIO, _pipe])
@pytest.mark.parametrize("data", [b"", b"x", DATA], ids=len)
def test_gives_the_digest_and_the_bytes_again(wrap: Callable[[bytes], bytes | BinaryIO], data: bytes) -> None:
    with admitted(wrap(data)) as (digest, again):
        assert digest == Digest.of(data)
        for _ in range(2):
            again.seek(0)
            assert again.read(len(data) + 1) == data


def test_begins_where_the_stream_stands() -> None:
    stream = io.BytesIO(b"header,body")
    stream.seek(7)
    with admitted(stream) as (digest, again):
        assert digest == Digest.of(b"body")
        again.seek(0)
        assert again.read(9) == b"body"


def test_the_stream_stays_open() -> None:
    stream = io.BytesIO(b"x")
    with admitted(stream) as (_, again):
        again.seek(0)
        assert again.read(2) == b"x"
    assert not stream.closed
    with HashingReader(stream) as reader:
        assert reader.readable()
        assert reader.readall() == b""
        assert reader.digest == Digest.of(b"")
    assert not stream.closed


def test_a_second_reading_gives_the_same_bytes_or_none() -> None:
    stream = io.BytesIO(DATA)
    again = SecondReading(stream, 0, Digest.of(DATA))
    again.seek(0)
    assert again.read(len(DATA)) == DATA
    assert again.read(1) == b""
    stream.getbuffer()[-1] ^= 1
    again.seek(0)
    with pytest.raises(VerificationError, match="changed while it was read"):
        again.readall()
    stream.truncate(10)
    again.seek(0)
    with pytest.raises(VerificationError, match="changed while it was read"):
        again.read(11)
    with pytest.raises(io.UnsupportedOperation):
        again.seek(1)


def test_what_is_kept_meanwhile_is_not_plaintext(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spooled = tmp_path / "spool"
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: spooled.open("w+b"))
    with admitted(_pipe(b"a private sentence" * 5000)) as (_, again):
        kept = spooled.read_bytes()
        assert len(kept) > 90_000
        assert b"private" not in kept
        assert again.read(9) == b"a private"


def test_a_full_temporary_folder_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, data: object, /) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", Full)
    with pytest.raises(InputError, match="No space left on device"), admitted(_pipe(DATA)):
        pytest.fail("it was let in")
