"""The structure of a zip file, read twice (central directory and local headers), with every disagreement told.

PKWARE APPNOTE.TXT 6.3.10. Loaders differ in which of the two they believe, in where they look for the end record and in
what they ignore; a file on which they could differ is refused instead of being guessed at.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from secmlops.core.errors import VerificationError
from secmlops.release.scan.inspection import Data

_END, _END64, _LOCATOR = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_CENTRAL, _LOCAL = b"PK\x01\x02", b"PK\x03\x04"
_END_FIELDS, _CENTRAL_FIELDS, _LOCAL_FIELDS = (
    struct.Struct("<4s4H2IH"),
    struct.Struct("<4s6H3I5H2I"),
    struct.Struct("<4s5H3I2H"),
)
_END64_FIELDS = struct.Struct("<4sQ2H2I4Q")
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_DESCRIPTOR_SIZES = (0, 12, 16, 20, 24)
_UNICODE_PATH, _ZIP64 = 0x7075, 0x0001


@dataclass(frozen=True, slots=True)
class Entry:
    """One member: ``start`` is where its stored bytes begin, ``packed`` and ``size`` their length before and after."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    mode: int
    header: int
    start: int

    @property
    def is_folder(self) -> bool:
        """Whether the entry is a folder without contents."""
        return self.name.endswith("/") and self.size == 0

    @property
    def is_link(self) -> bool:
        """Whether the entry is a symbolic link by its Unix mode."""
        return self.mode & 0o170000 == 0o120000

    @property
    def is_encrypted(self) -> bool:
        """Whether the contents or the directory are encrypted."""
        return bool(self.flags & 0x2041)


@dataclass(frozen=True, slots=True)
class _Directory:
    """``shift`` is what every offset is short of, where bytes were put before the archive."""

    start: int
    size: int
    count: int
    end: int
    shift: int = 0


Complain = Callable[[int, str], None]


def read_entries(data: Data, most: int, complain: Complain) -> list[Entry]:
    """Members of a zip file, by its central directory; ``complain`` hears of each disagreement with its byte offset.

    Raises VerificationError where there is no directory, or more than ``most`` entries.
    """
    directory = _find_directory(data, complain)
    if directory.count > most:
        raise VerificationError(f"the archive has {directory.count} members, more than the limits allow")
    entries, pos = [], directory.start
    for _ in range(directory.count):
        entry, pos = _central_entry(data, pos, directory.shift, complain)
        entries.append(entry)
    if pos != directory.start + directory.size or directory.end != pos:
        complain(pos, "the central directory has another length than the end record says")
    _check_layout(entries, directory.start, complain)
    return entries


def _find_directory(data: Data, complain: Complain) -> _Directory:
    tail_start = max(len(data) - 65_557, 0)
    tail = bytes(data[tail_start:])
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_FIELDS.size:
        raise VerificationError("a zip file without an end record")
    _, disk, start_disk, here, count, size, start, comment = _END_FIELDS.unpack_from(tail, at)
    end = tail_start + at
    if tail.find(_END) != at:
        complain(end, "more than one end record")
    if at + _END_FIELDS.size + comment != len(tail) or comment:
        complain(end, "bytes or a comment after the end record")
    if disk or start_disk or here != count:
        complain(end, "the archive claims to span several disks")
    large = data[max(end - 20, 0) : max(end - 16, 0)] == _LOCATOR
    if large:
        return _directory64(data, end)
    return _checked(_Directory(start, size, count, end), complain)


def _checked(directory: _Directory, complain: Complain) -> _Directory:
    if directory.start + directory.size != directory.end:
        complain(directory.end, "bytes lie before or between the parts of the archive")
        moved = max(directory.end - directory.size, 0)
        return _Directory(moved, directory.size, directory.count, directory.end, moved - directory.start)
    return directory


def _directory64(data: Data, end: int) -> _Directory:
    at = int.from_bytes(data[end - 12 : end - 4], "little")
    if at + _END64_FIELDS.size != end - 20 or data[at : at + 4] != _END64:
        raise VerificationError("the zip64 end record is not where its locator says")
    *_, here, count, size, start = _END64_FIELDS.unpack_from(data, at)
    if here != count or start + size != at:
        raise VerificationError("the zip64 end record does not fit the archive")
    return _Directory(start, size, count, at)


def _central_entry(data: Data, pos: int, shift: int, complain: Complain) -> tuple[Entry, int]:
    try:
        fields = _CENTRAL_FIELDS.unpack_from(data, pos)
    except struct.error:
        raise VerificationError("the central directory breaks off") from None
    signature, _, _, flags, method, _, _, crc, packed, size, names, extras, comments, *_, attributes, header = fields
    if signature != _CENTRAL:
        raise VerificationError("the central directory holds something that is no entry")
    at = pos + _CENTRAL_FIELDS.size
    raw = bytes(data[at : at + names])
    extra = _extras(bytes(data[at + names : at + names + extras]))
    if extra is None or _UNICODE_PATH in extra:
        complain(pos, "an entry's extra fields are broken or give it a second name")
    size, packed, header = _widen((size, packed, header), (extra or {}).get(_ZIP64, b""))
    header += shift
    start = _check_local(data, header, (raw, flags, method, crc, packed, size), complain)
    name = _decode(raw, flags)
    entry = Entry(name, flags, method, crc, packed, size, attributes >> 16, header, start)
    return entry, at + names + extras + comments


def _check_local(data: Data, at: int, central: tuple[bytes, int, int, int, int, int], complain: Complain) -> int:
    """Compare a local header with its central entry; returns where the member's bytes begin."""
    if not 0 <= at <= len(data) - _LOCAL_FIELDS.size or data[at : at + 4] != _LOCAL:
        raise VerificationError("an entry points to no local header")
    header: tuple[int, ...] = _LOCAL_FIELDS.unpack_from(data, at)
    _, _, flags, method, _, _, crc, packed, size, names, extras = header
    begin = at + _LOCAL_FIELDS.size
    raw = bytes(data[begin : begin + names])
    extra = _extras(bytes(data[begin + names : begin + names + extras]))
    size, packed, _ = _widen((size, packed, 0), (extra or {}).get(_ZIP64, b""))
    later = bool(flags & 0x08)
    numbers = (crc, packed, size)
    agree = numbers == central[3:] or (later and not any(numbers)) or (later and packed == central[4])
    if (raw, flags, method) != central[:3] or not agree:
        complain(at, "a local header disagrees with the central directory")
    start = begin + names + extras
    if start + central[4] > len(data):
        raise VerificationError("a member reaches beyond the end of the archive")
    return start


def _extras(raw: bytes) -> dict[int, bytes] | None:
    """Extra fields by id; None where they are broken (padding of zeros shorter than a field is not)."""
    fields, pos = {}, 0
    while pos + 4 <= len(raw):
        kind, size = struct.unpack_from("<2H", raw, pos)
        if pos + 4 + size > len(raw):
            return None
        fields[kind] = raw[pos + 4 : pos + 4 + size]
        pos += 4 + size
    return fields if not raw[pos:].strip(b"\x00") else None


def _widen(values: tuple[int, int, int], wide: bytes) -> tuple[int, int, int]:
    """Replace each 32-bit value that says "see zip64" by the next 64-bit value of the extra field."""
    found, pos = [], 0
    for value in values:
        if value == _FULL32 and pos + 8 <= len(wide):
            found.append(int.from_bytes(wide[pos : pos + 8], "little"))
            pos += 8
        else:
            found.append(value)
    return found[0], found[1], found[2]


def _decode(raw: bytes, flags: int) -> str:
    try:
        return raw.decode("utf-8" if flags & 0x800 else "cp437")
    except UnicodeDecodeError:
        raise VerificationError("a member's name is not valid UTF-8") from None


def _check_layout(entries: list[Entry], end: int, complain: Complain) -> None:
    """Members must lie one after the other without overlap; only a data descriptor may lie between them."""
    pos = 0
    for entry in sorted(entries, key=lambda e: e.header):
        if entry.header < pos:
            complain(entry.header, "members overlap")
        elif entry.header - pos not in _DESCRIPTOR_SIZES:
            complain(pos, "bytes between members belong to none of them")
        pos = entry.start + entry.packed
    if end - pos not in _DESCRIPTOR_SIZES:
        complain(pos, "bytes before the central directory belong to no member")
