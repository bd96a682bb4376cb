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
    """``table`` holds the rows that may be learnt from, or where there are more ``rows`` than that, a sample of them.

    ``refused`` rows have no consent in their column, ``withdrawn`` ones are of a listed subject, some may be both;
    ``unknown`` listed subjects have no row at all.
    """

    table: pa.Table = field(repr=False)
    rows: int
    refused: int = 0
    withdrawn: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """Rows count whose ``column`` says yes (true, 1, yes, y, given, granted; a gap is no), of no listed subject.

    Subjects are compared as texts without spaces around them.
    """

    column: str | None
    subject_id: str | None = None
    withdrawn: AbstractSet[str] = frozenset()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that it looks at."""
        return tuple(name for name in (self.column, self.subject_id if self.withdrawn else None) if name is not None)

    def left_out(self, table: pa.Table) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Whether each row [n] has no consent, and whether it is of a listed subject."""
        refused = np.zeros(table.num_rows, bool) if self.column is None else ~_is_given(table[self.column])
        gone = np.zeros(table.num_rows, bool)
        if self.subject_id is not None and self.withdrawn:
            gone = _are_in(_subjects(table[self.subject_id]), self._listed)
        return refused, gone

    def known(self, table: pa.Table) -> frozenset[str]:
        """Listed subjects that have a row."""
        if self.subject_id is None or not self.withdrawn:
            return frozenset()
        there = _are_in(self._listed, _subjects(table[self.subject_id]).combine_chunks())
        return frozenset(str(name) for name in self._listed.filter(pa.array(there)).to_pylist())

    @property
    def _listed(self) -> Values:
        return pa.array(sorted(self.withdrawn), pa.string())


def consented(
    table: pa.Table, column: str | None, subject_id: str | None = None, withdrawn: AbstractSet[str] = frozenset()
) -> Consented:
    """Rows of a table that count by the rule of these columns. Raises InputError when nobody is left."""
    rule = ConsentRule(column, subject_id, withdrawn)
    refused, gone = rule.left_out(table)
    kept = ~refused & ~gone
    if not kept.any():
        raise nobody_left()
    left = table if kept.all() else table.filter(pa.array(kept))
    unknown = len(withdrawn) - len(rule.known(table))
    return Consented(left, left.num_rows, int(refused.sum()), int(gone.sum()), unknown)


def nobody_left() -> InputError:
    """Nobody consented."""
    return InputError("no row is left of those who consented", hint="see data.governance.consent")


def _subjects(column: Chunks) -> Chunks:
    trimmed: Chunks = pc.utf8_trim_whitespace(text_form(column))
    return trimmed


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
