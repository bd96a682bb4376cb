"""A table cut coarsely, for slices: numbers in ranges of about equally many rows, the commonest categories."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.runtime.signature import Inputs

CUTS = 12
"""Ranges of a number, and categories of a text, that are told apart unless more are asked for."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Axis:
    """Place of each row on one column, ``codes`` [n] below ``size``; ``starts`` and ``ends`` of the ranges to try.

    A range is a run of neighbouring places of a number, or one category; the last is all of the column. ``edges`` part
    the places of a number, ``categories`` name those of a text.
    """

    codes: npt.NDArray[np.int64]
    size: int
    starts: npt.NDArray[np.intp]
    ends: npt.NDArray[np.intp]
    edges: tuple[float, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def whole(self) -> int:
        """Number of the range that is all of the column."""
        return len(self.starts) - 1

    def within(self, number: int) -> npt.NDArray[np.bool_]:
        """Rows [n] in the range of this ``number``."""
        held: npt.NDArray[np.bool_] = (self.codes >= self.starts[number]) & (self.codes < self.ends[number])
        return held

    def between(self, number: int) -> tuple[float, float]:
        """Bounds of the range of a number: above the first, up to and with the second."""
        start, end = int(self.starts[number]), int(self.ends[number])
        low = self.edges[start - 1] if start else -np.inf
        return low, self.edges[end - 1] if end <= len(self.edges) else np.inf


def axes(inputs: Inputs, cuts: int = CUTS) -> list[Axis]:
    """One axis for each column, numeric ones first, each of up to ``cuts`` ranges or categories."""
    numbers = (_of_numbers(column, cuts) for column in inputs.numeric.T)
    return [*numbers, *(_of_texts(column, cuts) for column in inputs.categorical.T)]


def rectangles(one: Axis, two: Axis, weights: Sequence[npt.ArrayLike | None]) -> list[Floats]:
    """Sums of each of the ``weights`` [n] (None counts rows) over all rectangles [ranges of one, ranges of two].

    By summed areas (Crow, SIGGRAPH 1984): the rows are gone through once, however many rectangles there are.
    """
    cells, size = one.codes * two.size + two.codes, one.size * two.size
    return [_areas(np.bincount(cells, weight, size), one, two) for weight in weights]


def _areas(cells: npt.NDArray[np.float64] | npt.NDArray[np.intp], one: Axis, two: Axis) -> Floats:
    table = np.zeros((one.size + 1, two.size + 1))
    table[1:, 1:] = cells.reshape(one.size, two.size).cumsum(axis=0).cumsum(axis=1)
    bands = table[one.ends] - table[one.starts]
    sums: Floats = bands[:, two.ends] - bands[:, two.starts]
    return sums


def _of_numbers(column: npt.NDArray[np.float32], most: int) -> Axis:
    missing = np.isnan(column)
    shares = np.linspace(0, 1, most + 1)[1:-1]
    cuts = np.unique(np.quantile(column[~missing], shares)) if not missing.all() else np.empty(0)
    size = len(cuts) + 1
    starts, lengths = np.triu_indices(size)
    ends = lengths + 1
    whole = (starts == 0) & (ends == size)
    order = np.append(np.flatnonzero(~whole), np.flatnonzero(whole))
    placed = np.where(missing, size, np.searchsorted(cuts, column, side="left"))
    edges = tuple(map(float, cuts))
    return Axis(placed, size + 1, starts[order], np.where(whole, size + 1, ends)[order], edges)


def _of_texts(column: npt.NDArray[np.object_], most: int) -> Axis:
    names: dict[str, int] = {}
    coded = np.fromiter((names.setdefault(value, len(names)) for value in column), np.int64, len(column))
    order = np.argsort(-np.bincount(coded, minlength=len(names)), kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)).clip(max=most)
    size = min(len(order), most + 1)
    single = np.arange(min(len(order), most))
    common = tuple(list(names)[place] for place in order[:most])
    return Axis(rank[coded], size, np.append(single, 0), np.append(single + 1, size), (), common)
