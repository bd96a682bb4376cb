"""Base32 (RFC 4648, section 6) in lower case and without padding, of many codes at once."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import numpy as np

_ALPHABET: Final = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", np.uint8)
_PAIRS: Final = np.stack([np.repeat(_ALPHABET, 32), np.tile(_ALPHABET, 32)], axis=1)
"""Two letters for each ten bits [1024, 2]."""
_PADDING: Final = tuple(bytes(-size % 5) for size in range(5))


def base32(codes: Sequence[bytes]) -> list[bytes]:
    """Letters, in ASCII, that each of the codes reads as."""
    joined = b"".join([code + _PADDING[len(code) % 5] for code in codes])
    a, b, c, d, e = np.frombuffer(joined, np.uint8).reshape(-1, 5).T.astype(np.uint16)
    tens = np.stack([a << 2 | b >> 6, (b & 63) << 4 | c >> 4, (c & 15) << 6 | d >> 2, (d & 3) << 8 | e], axis=1)
    letters = _PAIRS[tens].tobytes()
    starts = accumulate((-(-len(code) // 5) * 8 for code in codes), initial=0)
    return [letters[start : start + (8 * len(code) + 4) // 5] for code, start in zip(codes, starts, strict=False)]
