"""The protocol-buffer wire format, walked without building objects.

https://protobuf.dev/programming-guides/encoding: a message is a sequence of tags (field number and wire type), each
with its value.
"""

import re
from collections.abc import Iterator

from secmlops.core.errors import VerificationError
from secmlops.release.scan.inspection import Data

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10


def varint(data: Data, pos: int) -> tuple[int, int]:
    """Unsigned value at ``pos`` and the position after it; raises VerificationError where it breaks off."""
    value = 0
    for index in range(_LONGEST_VARINT):
        if pos >= len(data):
            break
        byte = data[pos]
        pos += 1
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, pos
    raise VerificationError("a number of the message breaks off")


def fields(data: Data, bulk: re.Pattern[bytes] | None = None) -> Iterator[tuple[int, int, int | Data]]:
    """Field number, wire type and value of each field; the value of a fixed-size field is its bytes.

    Runs of fields that match ``bulk`` are passed over. Raises VerificationError where the message is broken.
    """
    pos = 0
    while pos < len(data):
        if bulk and (run := bulk.match(data, pos)):
            pos = run.end()
            continue
        tag, pos = varint(data, pos)
        number, wire = tag >> 3, tag & 7
        value: int | Data
        if wire == VARINT:
            value, pos = varint(data, pos)
        else:
            size, pos = (8, pos) if wire == FIXED64 else (4, pos) if wire == FIXED32 else _length(data, pos, wire)
            value = data[pos : pos + size]
            if len(value) != size:
                raise VerificationError("a field of the message reaches beyond its end")
            pos += size
        if not number:
            raise VerificationError("a field of the message has number 0")
        yield number, wire, value


def _length(data: Data, pos: int, wire: int) -> tuple[int, int]:
    if wire != BYTES:
        raise VerificationError(f"a field of the message has wire type {wire}")
    return varint(data, pos)


def signed(value: int) -> int:
    """Read an unsigned 64-bit value as two's complement."""
    return value - (1 << 64) if value >> 63 else value
