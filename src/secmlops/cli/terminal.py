"""Bytes on their way to standard output: as they are into a pipe or file, made visible on a terminal.

What others wrote into a table could otherwise steer the terminal of whoever looks at it.
"""

import codecs
import io
import sys
from typing import BinaryIO, TextIO, cast

from secmlops.core.visible import visible


class Terminal(io.RawIOBase):
    """Takes UTF-8 and writes it to ``screen`` with every character that could steer it spelled out."""

    def __init__(self, screen: TextIO) -> None:
        self._screen = screen
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: bytes | memoryview, /) -> int:  # type: ignore[override]  # narrower than Buffer
        """Write all of ``data``; a character that is cut in two waits for its rest."""
        self._screen.write(visible(self._decoder.decode(bytes(data))))
        return len(data)


def standard_output() -> BinaryIO:
    """Where bytes of a table go."""
    return cast("BinaryIO", Terminal(sys.stdout)) if sys.stdout.isatty() else sys.stdout.buffer
