"""The values of a table as small numbers: frequent exact values are items, everything else falls into bins."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.data.values import codes, factorise
from secmlops.runtime.signature import Inputs

MOST_ITEMS = 48
_BINS = 16
_APART = 0.5
_EDGES = np.linspace(0, 1, _BINS + 1)[1:-1]

Codes = npt.NDArray[np.int64]
Values = npt.NDArray[np.float32] | npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Coded:
    """One column: ``codes`` [n] below ``size``; those below ``items`` are exact values, the others bins of the rest.

    ``apart`` [items]: numbers that lie by themselves, at least half of the range of all others away from it. What
    repeats there was hardly measured.
    """

    codes: Codes
    items: int
    size: int
    apart: npt.NDArray[np.bool_]


def coded_columns(inputs: Inputs, least: int) -> list[Coded]:
    """Each column, numeric ones first; an item is a value that at least ``least`` rows have."""
    numbers = [_numbers(column, least) for column in inputs.numeric.T]
    return [*numbers, *(_texts(column, least) for column in inputs.categorical.T)]


def _numbers(column: npt.NDArray[np.float32], least: int) -> Coded:
    found, items, firsts = _items(factorise(column.astype(np.float64)), least)
    rest = found < 0
    known = column[rest & ~np.isnan(column)]
    starts = np.unique(np.quantile(known, _EDGES)) if len(known) else np.empty(0, np.float32)
    bins = np.where(np.isnan(column), len(starts) + 1, np.digitize(column, starts))
    apart = np.array([_lies_apart(column, column[row]) for row in firsts], bool)
    return Coded(np.where(rest, items + bins, found), items, items + len(starts) + 2, apart)


def _texts(column: npt.NDArray[np.object_], least: int) -> Coded:
    found, items, _ = _items(codes(pa.chunked_array([pa.array(column, pa.string())])), least)
    return Coded(np.where(found < 0, items, found), items, items + 1, np.zeros(items, bool))


def _items(coded: Codes, least: int) -> tuple[Codes, int, npt.NDArray[np.intp]]:
    """Number of each row's item [n], -1 for a rarer value; how many there are; the first row of each."""
    counts = np.bincount(coded)
    frequent = np.argsort(-counts, kind="stable")[:MOST_ITEMS]
    frequent = frequent[counts[frequent] >= least]
    numbers = np.full(len(counts), -1)
    numbers[frequent] = np.arange(len(frequent))
    firsts = np.unique(coded, return_index=True)[1]
    return numbers[coded], len(frequent), firsts[frequent]


def _lies_apart(column: npt.NDArray[np.float32], value: np.float32) -> bool:
    others = column[(column != value) & ~np.isnan(column)]
    if np.isnan(value) or not len(others):
        return False
    low, high = float(others.min()), float(others.max())
    width = max(high - low, 1e-30)
    return max(low - float(value), float(value) - high) > _APART * width
