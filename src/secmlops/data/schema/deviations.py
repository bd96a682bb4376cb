"""Compares a table with an earlier profile: what is gone, new, out of range or of another kind."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.core.counting import counted
from secmlops.core.finding import Finding, Severity
from secmlops.data.arrow import Chunks
from secmlops.data.schema.profile import ColumnProfile, Profile, shapes_of
from secmlops.data.values import ColumnType, numbers, text_form, type_of


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What is no deviation yet: ``range``, a share of the earlier width; ``missing``, a rise of the missing share."""

    range: float
    missing: float


def deviations(table: pa.Table, earlier: Profile, tolerance: Tolerance) -> Iterator[Finding]:
    """Deviations of ``table`` from ``earlier``: findings of severity error that count rows and quote no value."""
    known = {column.name: column for column in earlier.columns}
    for name in known.keys() - set(table.column_names):
        yield _deviation("column-missing", name, "the column is gone")
    for name in table.column_names:
        if name not in known:
            yield _deviation("column-new", name, "the column is new")
        elif type_of(table[name]) != known[name].type and not _widened(table[name], known[name]):
            told = f"was {known[name].type}, is {type_of(table[name])}"
            yield _deviation("type", name, told)
        else:
            yield from _values(table[name], known[name], tolerance)


def _widened(column: Chunks, earlier: ColumnProfile) -> bool:
    """Whole numbers where numbers were, or the other way round: the range tells whether that matters."""
    kinds = {type_of(column), earlier.type}
    return kinds == {ColumnType.INTEGER, ColumnType.NUMBER}


def _values(column: Chunks, earlier: ColumnProfile, tolerance: Tolerance) -> Iterator[Finding]:
    missing = column.null_count / max(len(column), 1)
    if missing > earlier.missing + tolerance.missing:
        told = f"{missing:.1%} missing, earlier {earlier.missing:.1%}"
        yield _deviation("missing", earlier.name, told)
    if earlier.minimum is not None and earlier.maximum is not None:
        outside = _outside(column, earlier.minimum, earlier.maximum, tolerance.range)
        if outside:
            yield _deviation("range", earlier.name, f"{counted(outside, 'row')} outside the earlier range")
    if earlier.categories:
        strange = _strange(text_form(column), earlier.categories)
        if strange:
            yield _deviation("category", earlier.name, f"{counted(strange, 'row')} with a category not seen before")
    elif earlier.shape:
        strange = _strange(shapes_of(column), (earlier.shape,))
        if strange:
            yield _deviation("shape", earlier.name, f"{counted(strange, 'row')} written in another form")


def _outside(column: Chunks, low: float, high: float, tolerance: float) -> int:
    slack = (high - low) * tolerance
    values = numbers(column)
    return int(np.count_nonzero((values < low - slack) | (values > high + slack)))


def _strange(forms: Chunks, known: tuple[str, ...]) -> int:
    seen = pc.is_in(pc.drop_null(forms), pa.array(known))
    return len(seen) - int(np.count_nonzero(seen.to_numpy()))


def _deviation(kind: str, column: str, told: str) -> Finding:
    return Finding(
        f"schema.deviation.{kind}",
        Severity.ERROR,
        f"differs from the earlier profile: {told}",
        where=f"column {column!r}",
        hint="find out why the source changed; if it is meant, make a new profile",
    )
