"""One entry of the ledger, and the leaf bytes that commit to it.

The leaf is ``kind || 0x00 || data``. A kind never holds the byte 0x00, so the first one always ends it and no two
entries share a leaf. The tag is a hint for finding an entry fast: it is not part of the leaf, and nobody may trust it.
"""

import re
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from secmlops.core.errors import InputError, VerificationError

MAX_LEAF_SIZE = 65535
"""Bytes. The length of an entry in a bundle of C2SP tlog-tiles is a uint16."""
MAX_TAG_LENGTH = 512

_KIND = re.compile(r"[a-z][a-z0-9_-]{0,31}")


class Entry(NamedTuple):
    """What a writer hands in: a kind (a short word such as ``evidence``), the data, and perhaps a tag to find it by."""

    kind: str
    data: bytes
    tag: str | None = None


class Record(NamedTuple):
    """What a reader gets back: an entry and its place, the leaf index in the tree, from 0."""

    place: int
    kind: str
    data: bytes


EntryLike: TypeAlias = tuple[str, bytes] | tuple[str, bytes, str | None]


def checked_entry(given: EntryLike) -> Entry:
    """Entry that can be recorded; raises InputError when its kind, size or tag is out of bounds."""
    entry = given if isinstance(given, Entry) else Entry(*given)
    _check_kind(entry.kind)
    if len(entry.kind) + 1 + len(entry.data) > MAX_LEAF_SIZE:
        raise InputError(
            f"an entry of {len(entry.data)} bytes is too large for the ledger",
            where=entry.kind,
            hint=f"at most {MAX_LEAF_SIZE} bytes with its kind; put large bytes in the vault and record their digest",
        )
    if entry.tag is not None and not (0 < len(entry.tag) <= MAX_TAG_LENGTH and entry.tag.isprintable()):
        raise InputError(f"a tag has 1 to {MAX_TAG_LENGTH} printable characters", where=entry.kind)
    return entry


@lru_cache(maxsize=64)
def _check_kind(kind: str) -> None:
    if not _KIND.fullmatch(kind):
        raise InputError(f"{kind[:40]!r} is not a kind of entry", hint="1 to 32 of a-z, 0-9, _ and -, a letter first")


def leaf_bytes(kind: str, data: bytes) -> bytes:
    """Return the bytes that are hashed into the tree: ``kind || 0x00 || data``."""
    return kind.encode() + b"\x00" + data


def open_leaf(leaf: bytes) -> tuple[str, bytes]:
    """Kind and data of leaf bytes; raises VerificationError when they are not an entry of a ledger."""
    kind, separator, data = leaf.partition(b"\x00")
    text = kind.decode("ascii", errors="replace")
    if not separator or not _KIND.fullmatch(text):
        raise VerificationError("these bytes are not an entry of a ledger", hint="kind, a zero byte, data")
    return text, data
