"""Applies a function of text to a column, once for each different value, and recalls what it gave before."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, Final

import numpy as np
import pyarrow as pa

from secmlops.data.arrow import Chunks, Values
from secmlops.data.values import text_form

REMEMBERED: Final = 2**20
"""Values of all columns of a stream together of which the results are kept: about 250 MiB."""

LONGEST: Final = 256
"""Bytes of a text, or of its result, that is kept at most."""

_TRIAL: Final = 200_000
_WORTH: Final = 20

OnTexts = Callable[[list[bytes]], list[bytes]]
"""Results, in UTF-8, of texts in UTF-8, in their order: each depends on its own text alone."""


def on_each(function: Callable[[str], str]) -> OnTexts:
    """``function`` of one text, for many."""
    return lambda texts: [function(text.decode()).encode() for text in texts]


def map_texts(column: Chunks, function: OnTexts) -> Chunks:
    """Column of what ``function`` gives for the different values' text forms; missing values stay missing."""
    coded = text_form(column).combine_chunks().dictionary_encode()
    texts: list[Any] = coded.dictionary.cast(pa.binary()).to_pylist()
    mapped = strings(function(texts))
    return pa.chunked_array([mapped.take(coded.indices)])


def strings(texts: list[bytes]) -> Values:
    """Array of texts in UTF-8, made at once."""
    ends = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=ends[1:])
    joined = pa.LargeStringArray.from_buffers(len(texts), pa.py_buffer(ends.tobytes()), pa.py_buffer(b"".join(texts)))
    return joined.cast(pa.string())


class Recalled:
    """``function``, which is not asked again about a text that one of the batches before held, as far as is kept.

    At most ``most`` results are kept. Nothing is kept on, and nothing looked up, where fewer than one text in twenty
    came again: then it would cost more than it saves.
    """

    def __init__(self, function: OnTexts, most: int) -> None:
        self._function = function
        self._most = most
        self._known: dict[bytes, bytes] = {}
        self._asked = self._found = 0

    def __call__(self, texts: list[bytes]) -> list[bytes]:
        """Results of the texts."""
        if self._asked > _TRIAL and self._found * _WORTH < self._asked:
            self._known.clear()
            return self._function(texts)
        found = [self._known.get(text) for text in texts]
        fresh = [text for text, result in zip(texts, found, strict=True) if result is None]
        results = self._function(fresh)
        self._asked += len(texts)
        self._found += len(texts) - len(fresh)
        self._keep(fresh, results)
        following = iter(results)
        return [next(following) if result is None else result for result in found]

    def _keep(self, texts: list[bytes], results: list[bytes]) -> None:
        room = max(0, self._most - len(self._known))
        pairs: Iterable[tuple[bytes, bytes]] = islice(zip(texts, results, strict=True), room)
        if max(map(len, [*texts[:room], *results[:room]]), default=0) > LONGEST:
            pairs = [(text, result) for text, result in pairs if max(len(text), len(result)) <= LONGEST]
        self._known.update(pairs)
