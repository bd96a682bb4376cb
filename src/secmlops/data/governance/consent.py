"""Leaves out the rows of those who gave no consent, or withdrew it, before anything looks at them."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.core.errors import InputError
from secmlops.data.arrow import Chunks, Values
from secmlops.data.values import text_form

_GIVEN = ("1", "true", "yes", "y", "given", "granted")


@dataclass(frozen=True, slots=True, eq=False)
class Consented:
    """``table`` holds the rows that may be learnt from.

    ``refused`` rows have no consent in their column, ``withdrawn`` ones are of a listed subject, some may be both;
    ``unknown`` listed subjects have no row at all.
    """

    table: pa.Table = field(repr=False)
    refused: int = 0
    withdrawn: int = 0
    unknown: int = 0


def consented(
    table: pa.Table, column: str | None, subject_id: str | None = None, withdrawn: AbstractSet[str] = frozenset()
) -> Consented:
    """Rows whose ``column`` says yes (true, 1, yes, y, given, granted; a gap is no), of subjects not in ``withdrawn``.

    Subjects are compared as texts without spaces around them. Raises InputError when nobody is left.
    """
    kept = np.ones(table.num_rows, bool)
    refused = np.zeros(table.num_rows, bool) if column is None else ~_is_given(table[column])
    gone, unknown = np.zeros(table.num_rows, bool), len(withdrawn)
    if subject_id is not None and withdrawn:
        subjects = pc.utf8_trim_whitespace(text_form(table[subject_id]))
        listed = pa.array(sorted(withdrawn), pa.string())
        gone = _are_in(subjects, listed)
        unknown -= int(np.count_nonzero(_are_in(listed, subjects.combine_chunks())))
    kept &= ~refused & ~gone
    if not kept.any():
        raise InputError("no row is left of those who consented", hint="see data.governance.consent")
    left = table if kept.all() else table.filter(pa.array(kept))
    return Consented(left, int(refused.sum()), int(gone.sum()), unknown)


def read_subjects(data: bytes, name: str) -> frozenset[str]:
    """Subjects of a text file, one in each line; raises InputError when it is not UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("not UTF-8 text", where=f"{name}: byte {error.start}", hint="save it as UTF-8") from None
    return frozenset(line.strip() for line in text.splitlines() if line.strip())


def _is_given(column: Chunks) -> npt.NDArray[np.bool_]:
    plain = pc.utf8_lower(pc.utf8_trim_whitespace(text_form(column)))
    return _are_in(plain, pa.array(_GIVEN))


def _are_in(texts: Chunks | Values, listed: Values) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.is_in(texts, listed), bool)
