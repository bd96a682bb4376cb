"""Compressed bodies of requests, unpacked within a bound: what a bomb would grow to is never made.

Source: RFC 9110, section 8.4.1: gzip (RFC 1952) and deflate, which is zlib (RFC 1950). Answers are not compressed: they
are short, and their length would tell of what is in them.
"""

import zlib
from collections.abc import Mapping
from types import MappingProxyType

from secmlops.core.errors import InputError

CODINGS: Mapping[str, int] = MappingProxyType({"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS})
"""Content codings that are taken, each with its window and format as zlib names them."""


def unpacked(body: bytes, coding: str, limit: int) -> bytes:
    """Body as it was before it was compressed; no more than ``limit`` bytes and one are ever held.

    ``coding`` is one of ``CODINGS``. Raises InputError when there would be more, when the body is cut short, damaged,
    or has something behind its end, a second member of gzip too.
    """
    unpacking = zlib.decompressobj(CODINGS[coding])
    try:
        data = unpacking.decompress(body, limit + 1)
    except zlib.error:
        raise InputError(f"the body is no {coding}", where="Content-Encoding") from None
    if len(data) > limit:
        raise InputError(f"the body unpacks to more than {limit} bytes", where="Content-Encoding")
    if not unpacking.eof or unpacking.unused_data:
        raise InputError(f"the body is not exactly one {coding} stream", where="Content-Encoding")
    return data
