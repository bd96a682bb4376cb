"""Turns the bytes of a text file into UTF-8, whatever wrote them, a piece at a time."""

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO, Final

from secmlops.core.counting import counted
from secmlops.core.errors import InputError
from secmlops.core.finding import Finding, Severity

PIECE_BYTES: Final = 2**20
"""Bytes that are read at a time; a line that is longer is decoded in several pieces."""

_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LEAD, _CONTINUED = 0xC0, 0x80
_EXPECTED: Final = "text is read in UTF-8, or in UTF-16 with its mark at the beginning: save or export it so"


def to_utf8(data: bytes, name: str) -> tuple[bytes, tuple[Finding, ...]]:
    """UTF-8 bytes of the text in ``data``, without byte order mark, as ``Utf8Text`` reads it, and what was doubtful."""
    text = Utf8Text(io.BytesIO(data), name)
    pieces = list(text.pieces())
    return (b"".join(pieces) if text.changed else data), text.notes


class Utf8Text:
    """The text that is left of ``stream``, in UTF-8: of UTF-8 or UTF-16 with its mark, and otherwise line by line.

    A line that is not UTF-8 is read as Windows-1252, or as Latin-1 where that has no character, and a finding says so.
    Lone carriage returns become line feeds in a file that begins without any. ``changed`` says whether a byte of the
    file is another now, ``quotes`` counts the double quotes, both once all pieces were drawn.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.changed = False
        self.quotes = 0
        self._stream = stream
        self._name = name
        self._coded: tuple[Finding, ...] = ()
        self._place = self._lines = self._foreign = 0
        self._first: tuple[int, int] | None = None

    def pieces(self) -> Iterator[bytes]:
        """Yield the text, once, each piece up to the end of a line where it has one.

        Raises InputError, with line and byte, for NUL bytes: they mean a binary file, a broken export, or UTF-16
        without its mark; and for broken UTF-16.
        """
        first = self._stream.read(PIECE_BYTES)
        returns = b"\r" in first and b"\n" not in first
        self.changed = returns or first.startswith((*_UTF16, codecs.BOM_UTF8))
        rest = b""
        for raw in self._utf16(first) if first.startswith(_UTF16) else self._plain(first):
            piece = rest + (raw.replace(b"\r", b"\n") if returns else raw)
            cut = piece.rfind(b"\n") + 1 or _whole(piece)
            rest = piece[cut:]
            if cut:
                yield self._decoded(piece[:cut] if rest else piece)
        if rest:
            yield self._decoded(rest)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What was doubtful so far."""
        if self._first is None:
            return self._coded
        line, place = self._first
        told = (
            f"{self._foreign:,} of {counted(self._lines + 1, 'line')} not in UTF-8, the first at byte {place}: read as "
            "Windows-1252 or Latin-1, where letters with accents may be wrong"
        )
        where = f"{self._name}, line {line}"
        return (*self._coded, Finding("reading.encoding", Severity.WARNING, told, where, "save the file as UTF-8"))

    def _plain(self, first: bytes) -> Iterator[bytes]:
        if first.startswith(codecs.BOM_UTF8):
            self._place = len(codecs.BOM_UTF8)
        raw = first[self._place :]
        while raw:
            yield raw
            raw = self._stream.read(PIECE_BYTES)

    def _utf16(self, first: bytes) -> Iterator[bytes]:
        told = "read as UTF-16"
        self._coded = (Finding("reading.encoding", Severity.NOTE, told, self._name, "UTF-8 is safer to exchange"),)
        decoder, raw, read = codecs.getincrementaldecoder("utf-16")(), first, 0
        while True:
            try:
                text = decoder.decode(raw, final=not raw).encode("utf-8")
            except UnicodeError as error:
                place = read + (error.start if isinstance(error, UnicodeDecodeError) else 0)
                told = f"broken UTF-16 text, at or shortly before byte {place}"
                raise InputError(told, where=self._name, hint=_EXPECTED) from None
            if text:
                yield text
            if not raw:
                return
            read += len(raw)
            raw = self._stream.read(PIECE_BYTES)

    def _decoded(self, data: bytes) -> bytes:
        self._refuse_nul(data)
        try:
            data.decode("utf-8")
            text = data
        except UnicodeDecodeError as error:
            self.changed = True
            if self._first is None:
                self._first = self._lines + data.count(b"\n", 0, error.start) + 1, self._place + error.start
            text = b"\n".join([self._line(line) for line in data.split(b"\n")])
        self._lines += data.count(b"\n")
        self._place += len(data)
        self.quotes += text.count(b'"')
        return text

    def _line(self, line: bytes) -> bytes:
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            self._foreign += 1
        else:
            return line
        try:
            return line.decode("cp1252").encode("utf-8")
        except UnicodeDecodeError:
            return line.decode("latin-1").encode("utf-8")

    def _refuse_nul(self, data: bytes) -> None:
        position = data.find(b"\0")
        if position < 0:
            return
        near = data[position : position + 200]
        like_utf16 = max(near[::2].count(0), near[1::2].count(0)) * 4 > len(near)
        told = "from here on it looks like UTF-16" if like_utf16 else "this is no text, or a broken export"
        line = self._lines + data.count(b"\n", 0, position) + 1
        raise InputError(
            f"a NUL byte, at byte {self._place + position}: {told}", where=f"{self._name}, line {line}", hint=_EXPECTED
        )


def _whole(piece: bytes) -> int:
    """Bytes of a piece without a line end that can be decoded by themselves: a character is not cut in two."""
    if len(piece) < PIECE_BYTES:
        return 0
    for back in range(1, 4):
        if piece[-back] >= _LEAD:
            return len(piece) - back
        if piece[-back] < _CONTINUED:
            break
    return len(piece)
