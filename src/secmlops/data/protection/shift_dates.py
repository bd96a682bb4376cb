"""Moves the dates of a person by one number of days, which only the key tells: the time between them stays.

G. Hripcsak et al., Preserving Temporal Relations in Clinical Data While Maintaining Privacy, JAMIA 23(6), 2016. The
number is uniform over the days from -``bound`` to ``bound``, 0 among them.
"""

import hmac

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Chunks
from secmlops.data.values import text_form

_DAY_MICROSECONDS = 86_400_000_000


def shift_dates(column: Chunks, persons: Chunks, key: bytes, bound: int) -> Chunks:
    """Dates or moments [n] moved by the days of the person [n] of their row; missing where no person is named.

    Moments keep their time of day. The season, the order of persons' dates to within twice the bound, and an interval
    that is rare, stay visible: who knows one date of a person knows the shift, and so all of them.
    """
    coded = text_form(persons).combine_chunks().dictionary_encode()
    days = np.array([days_of(str(name), key, bound) for name in coded.dictionary.to_pylist()] or [0], np.int64)
    known = coded.indices.fill_null(0).to_numpy()
    apart = pa.array(days[known], pa.int64(), mask=coded.indices.is_null().to_numpy(zero_copy_only=False))
    moved: Chunks
    if pa.types.is_date(column.type):
        moved = pc.call_function("add", [column.cast(pa.int32()).cast(pa.int64()), apart]).cast(pa.int32())
    else:
        moved = pc.call_function("add", [column.cast(pa.int64()), pc.multiply(apart, pa.scalar(_DAY_MICROSECONDS))])
    return moved.cast(column.type)


def days_of(person: str, key: bytes, bound: int) -> int:
    """Days by which the dates of a person move: HMAC-SHA-256 (RFC 2104) under ``key``, reduced to the range.

    256 bits are reduced to a few: no day is likelier than another by more than 2^-240.
    """
    drawn = int.from_bytes(hmac.digest(key, person.encode(), "sha256"))
    return drawn % (2 * bound + 1) - bound
