"""Exact counts and sums by group: what noise is then added to.

All are whole numbers: values are clamped and rounded to a grid, so that no rounding of a floating-point sum tells what
the noise hides (Mironov 2012).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Chunks
from secmlops.data.differential_privacy.query import Mean, Query
from secmlops.data.values import numbers, text_form

STEPS = 2**20
"""Steps of the grid from the middle of a mean's bounds to either of them."""

Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows of one group, and for each mean the sum of distances from its middle, in steps of the grid."""

    count: int
    sums: tuple[int, ...]


def tallies(table: pa.Table, query: Query) -> Mapping[Key, Tally]:
    """Tally of every group: all public ones, or those that the table has.

    A row counts only if it has a number for every mean. Of groups that are partly public, those with another value in a
    public column are left out.
    """
    keys = {f"k{i}": text_form(table[column]) for i, column in enumerate(query.group_by)}
    steps = [_steps(numbers(_plain(table[mean.column])), mean) for mean in query.means]
    known = np.ones(table.num_rows, bool)
    for mean in query.means:
        known &= ~np.isnan(numbers(_plain(table[mean.column])))
    for i, column in enumerate(query.group_by):
        if column in query.keys:
            known &= np.asarray(pc.is_in(keys[f"k{i}"], pa.array(query.keys[column])), bool)
    whole = pa.table({**keys, **{f"s{i}": pa.array(s) for i, s in enumerate(steps)}, "n": pa.array(known)})
    found = _grouped(whole.filter(pa.array(known)), list(keys), len(steps))
    none = Tally(0, (0,) * len(steps))
    return {group: found.get(group, none) for group in query.groups} if query.public else found


def _grouped(rows: pa.Table, keys: list[str], means: int) -> dict[Key, Tally]:
    wanted: list[tuple[str, Literal["count", "sum"]]] = [("n", "count")]
    wanted += [(f"s{i}", "sum") for i in range(means)]
    if not keys:
        sums = tuple(int(pc.sum(rows[f"s{i}"]).as_py() or 0) for i in range(means))
        return {(): Tally(rows.num_rows, sums)}
    grouped = rows.group_by(keys, use_threads=False).aggregate(wanted).to_pylist()
    return {
        tuple(row[key] for key in keys): Tally(row["n_count"], tuple(row[f"s{i}_sum"] for i in range(means)))
        for row in grouped
    }


def _plain(column: Chunks) -> Chunks:
    return column.cast(pa.int64()) if pa.types.is_boolean(column.type) else column


def _steps(values: npt.NDArray[np.float64], mean: Mean) -> npt.NDArray[np.int64]:
    """Distances [n] from the middle in steps, from -STEPS to STEPS, 0 where missing."""
    clamped = np.clip(np.where(np.isnan(values), mean.middle, values), mean.low, mean.high)
    return np.clip(np.rint((clamped - mean.middle) / mean.reach * STEPS), -STEPS, STEPS).astype(np.int64)
