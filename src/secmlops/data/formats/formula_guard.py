"""Texts made harmless to spreadsheets: what would be run as a formula is kept as text.

Source: OWASP, CSV Injection; CWE-1236. A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab, a carriage return or
a line feed, or the full-width form of one of these signs, gets a single quote before it. NUL is in the list of OWASP
ASVS 5.0, 1.2.10.
"""

import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Chunks

_BEGINNING = "^([=+\\-@\t\r\n\x00\uff1d\uff0b\uff0d\uff20])"


def guarded_text(text: str) -> str:
    """Text with a single quote before it, if a spreadsheet would take it for a formula."""
    return str(guard_formulas(pa.chunked_array([[text]]))[0][0].as_py())


def guard_formulas(column: Chunks) -> tuple[Chunks, int]:
    """Column of text [n] with a single quote before each dangerous one, and their number; any other column as it is."""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column, 0
    count = int(pc.sum(pc.match_substring_regex(column, _BEGINNING).cast(pa.int64())).as_py() or 0)
    return (pc.replace_substring_regex(column, _BEGINNING, r"'\1"), count) if count else (column, 0)
