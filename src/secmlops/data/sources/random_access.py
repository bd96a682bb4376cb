"""A raw stream over bytes that lie anywhere: only what is asked for is read, each time from a place of its own."""

import io
import os
from abc import abstractmethod


class RandomAccess(io.RawIOBase):
    """A stream of ``size`` bytes, readable and seekable."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._at = 0

    @abstractmethod
    def read_at(self, start: int, end: int) -> bytes:
        """Bytes from ``start`` to before ``end``, or fewer of them; none only where there are no more."""

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Place of the next byte, from 0."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place, which may be behind the end, and say which."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: "bytearray | memoryview", /) -> int:  # type: ignore[override]  # narrower than Buffer
        """Fill the buffer, or its beginning, and say how much of it."""
        data = self.read_at(self._at, max(self._at, min(self._at + len(buffer), self._size)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
