import io
import os
from typing import Any

import pytest

from secmlops.core.errors import InputError
from secmlops.vault.flow import drain, fill


class Trickle(io.RawIOBase):
    """Gives and takes at most three bytes at a time."""

    def __init__(self, data: bytes = b"") -> None:
        self.left, self.taken = data, b""

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        piece, self.left = self.left[: min(3, len(buffer))], self.left[min(3, len(buffer)) :]
        buffer[: len(piece)] = piece
        return len(piece)

    def write(self, data: Any, /) -> int:
        self.taken += bytes(data[:3])
        return min(3, len(data))


class Duck:
    """Can only read."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def read(self, size: int, /) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        piece, self.answer = (self.answer[:size], self.answer[size:]) if self.answer else (self.answer, self.answer)
        return piece


@pytest.mark.parametrize("source", [Trickle(b"0123456789"), Duck(b"0123456789"), io.BytesIO(b"0123456789")])
def test_fills_the_whole_buffer_and_then_what_is_left(source: Any) -> None:
    buffer = bytearray(8)
    assert fill(source, memoryview(buffer)) == 8
    assert buffer == b"01234567"
    assert fill(source, memoryview(buffer)) == 2
    assert buffer[:2] == b"89"
    assert fill(source, memoryview(buffer)) == 0


def test_drains_everything_into_a_sink_that_takes_little() -> None:
    sink = Trickle()
    drain(sink, b"0123456789")
    assert sink.taken == b"0123456789"


@pytest.mark.parametrize(
    ("answer", "said"),
    [("text", "text, not bytes"), (None, "nothing ready"), (OSError(5, "Input/output error"), "Input/output error")],
)
def test_sources_that_cannot_be_read(answer: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        fill(Duck(answer), memoryview(bytearray(8)))


def test_a_non_blocking_pipe_is_refused_on_both_ends() -> None:
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    os.set_blocking(write_end, False)
    with os.fdopen(read_end, "rb", 0) as source, os.fdopen(write_end, "wb", 0) as sink:
        with pytest.raises(InputError, match="nothing ready"):
            fill(source, memoryview(bytearray(8)))
        with pytest.raises(InputError, match="takes no more"):
            drain(sink, bytes(2**22))
