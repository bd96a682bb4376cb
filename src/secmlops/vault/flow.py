"""Whole reads and whole writes: streams may give and take fewer bytes than asked, these do not."""

from typing import Protocol

from secmlops.core.errors import InputError


class Source(Protocol):
    """Any binary stream to read from; ``readinto``, which those of the io module have, is used when it is there."""

    def read(self, size: int, /) -> bytes | None:
        """Return up to ``size`` bytes, none at the end."""
        ...


class Sink(Protocol):
    """Any binary stream to write to."""

    def write(self, data: bytes | memoryview, /) -> int | None:
        """Take some of ``data``; return how many bytes."""
        ...


def fill(source: Source, buffer: memoryview) -> int:
    """Read from ``source`` until ``buffer`` is full or the source has ended; return the number of bytes read.

    Raises InputError when the source fails, gives text, or is a non-blocking stream with nothing ready.
    """
    filled = 0
    while filled < len(buffer):
        try:
            count = _read_some(source, buffer[filled:])
        except OSError as error:
            raise InputError(f"the source cannot be read: {error.strerror or error}") from error
        if not count:
            break
        filled += count
    return filled


def drain(sink: Sink, data: bytes | memoryview) -> None:
    """Write all of ``data`` to ``sink``; an OSError of the sink goes through, for its owner knows where it lies."""
    rest = memoryview(data)
    while rest:
        count = sink.write(rest)
        if not count:
            raise InputError("the sink takes no more bytes", hint="hand in a blocking stream")
        rest = rest[count:]


def _read_some(source: Source, buffer: memoryview) -> int:
    readinto = getattr(source, "readinto", None)
    got = readinto(buffer) if readinto else source.read(len(buffer))
    if got is None:
        raise InputError("the source has nothing ready", hint="hand in a blocking stream")
    if isinstance(got, int):
        return got
    if not isinstance(got, bytes):
        raise InputError("the source gives text, not bytes", hint="open the file in binary mode")
    buffer[: len(got)] = got
    return len(got)
