"""The values of a table as small numbers: frequent exact values are items, everything else falls into bins."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.data.poisoning.lift import deviance
from secmlops.data.values import codes, factorise
from secmlops.runtime.signature import Inputs

MOST_ITEMS = 48
_BINS = 16
_APART = 0.5
_NEAR = 5
_EDGES = np.linspace(0, 1, _BINS + 1)[1:-1]

Codes = npt.NDArray[np.int64]
Values = npt.NDArray[np.float32] | npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Coded:
    """One column: ``codes`` [n] below ``size``; those below ``items`` are exact values, the others bins of the rest.

    ``apart`` [items]: numbers that lie by themselves, at least half of the range of all others away from it. What
    repeats there was hardly measured; where there are but two values, neither does. ``excess`` [items]: nats by which a
    number stands oftener than its neighbours; categories have none, 0. ``categorical`` columns hold texts.
    """

    codes: Codes
    items: int
    size: int
    apart: npt.NDArray[np.bool_]
    excess: npt.NDArray[np.float64]
    categorical: bool = False

    @property
    def counts(self) -> Codes:
        """Rows of each item [items]."""
        return np.bincount(self.codes, minlength=self.size)[: self.items]


def coded_columns(inputs: Inputs, least: int) -> list[Coded]:
    """Each column, numeric ones first; an item is a value that at least ``least`` rows have.

    Of more than 48, the commonest texts, and the numbers that stand out most among their neighbours.
    """
    numbers = [_numbers(column, least) for column in inputs.numeric.T]
    return [*numbers, *(_texts(column, least) for column in inputs.categorical.T)]


def _numbers(column: npt.NDArray[np.float32], least: int) -> Coded:
    coded = factorise(column.astype(np.float64))
    firsts = np.unique(coded, return_index=True)[1]
    counts = np.bincount(coded)
    usual = _usual(column[firsts], counts)
    prominence = (counts - usual) / np.sqrt(usual + 1)
    frequent = np.flatnonzero(counts >= least)
    alone = frequent[np.argsort(-prominence[frequent], kind="stable")[:MOST_ITEMS]]
    apart = np.array([_lies_apart(column, column[firsts[value]]) for value in alone], bool)
    found = _numbered(coded, alone, len(counts))
    rest = found < 0
    known = column[rest & ~np.isnan(column)]
    starts = np.unique(np.quantile(known, _EDGES)) if len(known) else np.empty(0, np.float32)
    bins = np.where(np.isnan(column), len(starts) + 1, np.digitize(column, starts))
    excess = deviance(counts[alone], usual[alone] + 0.5)
    return Coded(np.where(rest, len(alone) + bins, found), len(alone), len(alone) + len(starts) + 2, apart, excess)


def _texts(column: npt.NDArray[np.object_], least: int) -> Coded:
    coded = codes(pa.chunked_array([pa.array(column, pa.string())]))
    counts = np.bincount(coded)
    commonest = np.argsort(-counts, kind="stable")[:MOST_ITEMS]
    chosen = commonest[counts[commonest] >= least]
    found = _numbered(coded, chosen, len(counts))
    apart, excess = np.zeros(len(chosen), bool), np.zeros(len(chosen))
    return Coded(np.where(found < 0, len(chosen), found), len(chosen), len(chosen) + 1, apart, excess, True)


def _numbered(coded: Codes, chosen: npt.NDArray[np.intp], count: int) -> Codes:
    """Number of each row's value among the chosen ones [n], -1 for any other."""
    numbers = np.full(count, -1)
    numbers[chosen] = np.arange(len(chosen))
    return numbers[coded]


def _usual(values: npt.NDArray[np.float32], counts: Codes) -> npt.NDArray[np.float64]:
    """Rows that each value [v] might have, to judge by its neighbours: their median.

    What was planted repeats beyond what is usual there, however common values are elsewhere. No label is looked at, so
    choosing by it costs no chance of a false alarm.
    """
    if len(values) == 1:
        return counts.astype(np.float64)
    order = np.argsort(values, kind="stable")
    near = np.r_[np.full(_NEAR, np.nan), counts[order], np.full(_NEAR, np.nan)]
    windows = np.lib.stride_tricks.sliding_window_view(near, 2 * _NEAR + 1)
    usual = np.empty(len(values))
    usual[order] = np.nanmedian(np.delete(windows, _NEAR, axis=1), axis=1)
    return usual


def _lies_apart(column: npt.NDArray[np.float32], value: np.float32) -> bool:
    others = column[(column != value) & ~np.isnan(column)]
    if np.isnan(value) or not len(others):
        return False
    low, high = float(others.min()), float(others.max())
    return low < high and max(low - float(value), float(value) - high) > _APART * (high - low)
