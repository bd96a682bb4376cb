"""A table cut coarsely, for slices: numbers in ranges of about equally many rows, the commonest categories."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.data.values import codes
from secmlops.runtime.signature import Inputs

CUTS = 12
_QUANTILES = np.linspace(0, 1, CUTS + 1)[1:-1]


@dataclass(frozen=True, slots=True)
class Axis:
    """Place of each row on one column, ``codes`` [n] below ``size``; ``starts`` and ``ends`` of the ranges to try.

    A range is a run of neighbouring places of a number, or one category; the last is all of the column.
    """

    codes: npt.NDArray[np.int64]
    size: int
    starts: npt.NDArray[np.intp]
    ends: npt.NDArray[np.intp]

    def within(self, number: int) -> npt.NDArray[np.bool_]:
        """Rows [n] in the range of this ``number``."""
        held: npt.NDArray[np.bool_] = (self.codes >= self.starts[number]) & (self.codes < self.ends[number])
        return held


def axes(inputs: Inputs) -> list[Axis]:
    """One axis for each column, numeric ones first."""
    return [*map(_of_numbers, inputs.numeric.T), *map(_of_texts, inputs.categorical.T)]


def _of_numbers(column: npt.NDArray[np.float32]) -> Axis:
    missing = np.isnan(column)
    cuts = np.unique(np.quantile(column[~missing], _QUANTILES)) if not missing.all() else np.empty(0)
    size = len(cuts) + 1
    starts, lengths = np.triu_indices(size)
    ends = lengths + 1
    whole = (starts == 0) & (ends == size)
    order = np.append(np.flatnonzero(~whole), np.flatnonzero(whole))
    placed = np.where(missing, size, np.searchsorted(cuts, column, side="left"))
    return Axis(placed, size + 1, starts[order], np.where(whole, size + 1, ends)[order])


def _of_texts(column: npt.NDArray[np.object_]) -> Axis:
    coded = codes(pa.chunked_array([pa.array(column, pa.string())]))
    order = np.argsort(-np.bincount(coded), kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)).clip(max=CUTS)
    size = min(len(order), CUTS + 1)
    single = np.arange(min(len(order), CUTS))
    return Axis(rank[coded], size, np.append(single, 0), np.append(single + 1, size))
