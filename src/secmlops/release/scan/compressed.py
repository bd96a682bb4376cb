"""Reading what lies in a compressed stream (gzip, zlib, bzip2, xz, lzma), within bounds."""

import bz2
import lzma
import zlib
from collections.abc import Callable
from types import MappingProxyType
from typing import Protocol

from secmlops.release.scan.inspection import Data, Inspection, LimitReached
from secmlops.release.scan.rules import ARCHIVE_CHECKSUM, ARCHIVE_STRUCTURE
from secmlops.release.scan.verdict import Place

_LZMA_MEMORY = 256 << 20
_CHUNK = 1 << 20
_SUFFIXES = (".gz", ".bz2", ".xz", ".lzma", ".z")


class Decompressor(Protocol):
    """What ``zlib.decompressobj``, ``bz2.BZ2Decompressor`` and ``lzma.LZMADecompressor`` have in common."""

    @property
    def eof(self) -> bool:
        """Whether the end of the stream was reached."""
        ...

    @property
    def unused_data(self) -> bytes:
        """Bytes after the end of the stream."""
        ...

    def decompress(self, data: Data, max_length: int, /) -> bytes:
        """Decompressed bytes, at most ``max_length``."""
        ...


def inflate(maker: Callable[[], Decompressor], data: Data, inspection: Inspection) -> tuple[bytes, int]:
    """Decompress one stream; returns its contents and the number of bytes read.

    Raises LimitReached beyond the limits, and ``zlib.error``, ``lzma.LZMAError``, ``EOFError`` or OSError as the
    decompressor does.
    """
    room = inspection.room(len(data))
    machine = maker()
    parts, size, fed = [], 0, 0
    pending: Data = b""
    while not machine.eof:
        if not pending and fed < len(data):
            pending = data[fed : fed + _CHUNK]
            fed += len(pending)
        part = machine.decompress(pending, min(_CHUNK, room - size + 1))
        exhausted = not pending and not part
        pending = getattr(machine, "unconsumed_tail", b"")
        size += len(part)
        if size > room:
            raise LimitReached(f"a compressed part expands to more than {room} bytes")
        if exhausted and fed >= len(data) and not machine.eof:
            raise EOFError("the compressed stream breaks off")
        parts.append(part)
    inspection.count_expanded(size)
    return b"".join(parts), fed - len(machine.unused_data)


def _lzma() -> Decompressor:
    return lzma.LZMADecompressor(memlimit=_LZMA_MEMORY)


MAKERS: MappingProxyType[str, Callable[[], Decompressor]] = MappingProxyType(
    {
        "gzip": lambda: zlib.decompressobj(31),
        "zlib": lambda: zlib.decompressobj(15),
        "bzip2": bz2.BZ2Decompressor,
        "xz": _lzma,
        "lzma": _lzma,
    }
)
"""Format to a maker of its decompressor."""
BROKEN = (zlib.error, lzma.LZMAError, EOFError, OSError)
"""What decompressors raise on bytes that are no stream of theirs."""


def read_compressed(place: Place, data: Data, inspection: Inspection, kind: str) -> None:
    """Read the contents of a compressed file; several streams one after the other count as one, as in gzip(1)."""
    parts, pos = [], 0
    try:
        while pos < len(data):
            part, used = inflate(MAKERS[kind], data[pos:], inspection)
            parts.append(part)
            pos += used
    except BROKEN as error:
        told = "bytes after the end of the stream" if parts else "cannot be decompressed"
        inspection.flag(ARCHIVE_STRUCTURE if parts else ARCHIVE_CHECKSUM, place.at(pos), f"{kind}: {told}: {error}")
    if parts:
        inspection.descend(place.inside(_inner_name(place.name, kind)), b"".join(parts))


def _inner_name(name: str, kind: str) -> str:
    lower = name.lower()
    if lower.endswith(".tgz"):
        return f"{name[:-4]}.tar"
    return next((name[: -len(suffix)] for suffix in _SUFFIXES if lower.endswith(suffix)), kind)
