"""Applies a function of text to a column, once for each different value."""

from collections.abc import Callable

import pyarrow as pa

from secmlops.data.arrow import Chunks
from secmlops.data.values import text_form


def map_values(column: Chunks, function: Callable[[str], str]) -> Chunks:
    """Column of ``function`` of each value's text form; missing values stay missing."""
    coded = text_form(column).combine_chunks().dictionary_encode()
    mapped = pa.array([function(str(text)) for text in coded.dictionary.to_pylist()], pa.string())
    return pa.chunked_array([mapped.take(coded.indices)])
