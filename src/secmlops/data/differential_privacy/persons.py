"""Whose rows a table holds, and how many of each person count: nobody weighs more than the noise hides."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.core.subject import Subject
from secmlops.data.arrow import Chunks
from secmlops.data.values import codes, text_form, texts


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A table with the rows that may be used, and the column that says whose they are, if any does."""

    subject: Subject
    table: pa.Table = field(repr=False)
    subject_id: str | None

    @property
    def unit(self) -> str:
        """Whom the promise is about."""
        return "one row, taken for a person" if self.subject_id is None else f"one person ({self.subject_id})"


def bounded(source: Source, rows: int) -> pa.Table:
    """First ``rows`` rows of each person, in the order of the table; without ``subject_id`` a row is a person.

    A row that names nobody is left out. What is kept of a person depends on their own rows alone, so adding or removing
    another person changes nothing of it.
    """
    if source.subject_id is None:
        return source.table
    persons: Chunks = pc.utf8_trim_whitespace(text_form(source.table[source.subject_id]))
    named = texts(persons, missing="") != ""
    return source.table.filter(pa.array(named & (_place_among_own(persons) < rows)))


def _place_among_own(persons: Chunks) -> npt.NDArray[np.int64]:
    """How many earlier rows [n] are of the same person."""
    coded = codes(persons)
    order = np.argsort(coded, kind="stable")
    ordered = coded[order]
    begins = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.empty(0, np.int64)
    places = np.empty(len(coded), np.int64)
    places[order] = np.arange(len(coded)) - np.repeat(begins, np.diff(np.r_[begins, len(coded)]))
    return places
