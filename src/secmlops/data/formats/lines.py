"""Tells on which line of a text file a row of the table begins, for messages."""

import numpy as np
import numpy.typing as npt

_QUOTE, _NEWLINE, _RETURN = (ord(c) for c in '"\n\r')


def line_of_row(text: bytes, row: int) -> int:
    """Line, counted from 1, on which the data row ``row`` (from 0, after the header) begins.

    Quoted cells may hold line ends (RFC 4180 section 2.6) and empty lines are no rows.
    """
    data = np.frombuffer(text, np.uint8)
    ends = _record_ends(data)
    starts = np.concatenate([np.zeros(1, np.int64), ends + 1])
    starts = starts[starts < len(data)]
    filled = starts[~_empty(data, starts)]
    begin = int(filled[min(row + 1, len(filled) - 1)])
    return int(np.count_nonzero(data[:begin] == _NEWLINE)) + 1


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
