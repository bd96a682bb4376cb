"""Tells on which line of a text file a row of the table begins, for messages."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

_MOST_BYTES: Final = 64 * 2**20
_QUOTE, _NEWLINE, _RETURN = (ord(c) for c in '"\n\r')


def line_of_row(text: Iterable[bytes], row: int) -> int:
    """Line, counted from 1, on which the data row ``row`` (from 0, after the header) of a text in pieces begins.

    Quoted cells may hold line ends (RFC 4180 section 2.6) and empty lines are no rows.
    """
    line, found, left = 1, 1, row + 1
    for records in _records(text):
        data = np.frombuffer(records, np.uint8)
        starts = np.concatenate([np.zeros(1, np.int64), _record_ends(data) + 1])
        starts = starts[starts < len(data)]
        filled = starts[~_empty(data, starts)]
        if len(filled):
            found = line + int(np.count_nonzero(data[: filled[min(left, len(filled) - 1)]] == _NEWLINE))
        if left < len(filled):
            break
        left -= len(filled)
        line += int(np.count_nonzero(data == _NEWLINE))
    return found


def _records(text: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the text in pieces that end where a record does, or after 64 MiB without any."""
    rest = b""
    for piece in text:
        data = rest + piece
        ends = _record_ends(np.frombuffer(data, np.uint8))
        cut = int(ends[-1]) + 1 if len(ends) else len(data) if len(data) > _MOST_BYTES else 0
        rest = data[cut:]
        if cut:
            yield data[:cut]
    if rest:
        yield rest


def _record_ends(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    newlines = np.flatnonzero(data == _NEWLINE)
    quotes = np.flatnonzero(data == _QUOTE)
    outside = np.searchsorted(quotes, newlines) % 2 == 0
    ends: npt.NDArray[np.int64] = newlines[outside]
    return ends


def _empty(data: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    first = data[starts]
    second = data[np.minimum(starts + 1, len(data) - 1)]
    empty: npt.NDArray[np.bool_] = (first == _NEWLINE) | ((first == _RETURN) & (second == _NEWLINE))
    return empty
