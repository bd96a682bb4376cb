"""Finds the columns whose values are missing more often in one class, or for one end of a quantity.

What is missing then tells the label (missing not at random; Rubin, Biometrika 63, 1976): a model learns the gap, and
the gap changes as soon as the data are gathered in another way.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from secmlops.data.arrow import Chunks
from secmlops.data.dataset import DataSet
from secmlops.data.quality.columns import Codes
from secmlops.data.values import codes, numbers

MAX_CLASSES = 20
_SIGNIFICANCE = 0.001


@dataclass(frozen=True, slots=True)
class DependentMissingness:
    """The values of ``column`` are missing in the shares ``inside`` and ``outside`` (0 to 1) of the rows of a class.

    ``example`` is a row of that class; of a quantity the class is its upper half.
    """

    column: str
    inside: float
    outside: float
    example: int


def dependent_missingness(dataset: DataSet, difference: float) -> tuple[DependentMissingness, ...]:
    """Columns whose missing shares differ by more than ``difference`` between a class and the other rows.

    Each difference must also be beyond chance: two-sided two-proportion z-test, 0.001 for all tests together
    (Bonferroni). Of more than twenty classes the most frequent are looked at.
    """
    events = tuple(_events(dataset))
    columns = [name for name in dataset.table.column_names if _has_gaps(dataset, name)]
    bound = _SIGNIFICANCE / max(len(events) * len(columns), 1)
    found = (_strongest(dataset.table[name].is_null(), name, events, bound) for name in columns)
    return tuple(d for d in found if d is not None and abs(d.inside - d.outside) > difference)


def _has_gaps(dataset: DataSet, name: str) -> bool:
    return name != dataset.label and 0 < dataset.table[name].null_count < dataset.table.num_rows


def _events(dataset: DataSet) -> Iterator[Codes]:
    label = dataset.table[dataset.label]
    if not dataset.task.is_classification:
        quantity = numbers(label)
        yield (quantity > np.median(quantity)).astype(np.int64)
        return
    coded = codes(label)
    frequent = np.argsort(-np.bincount(coded), kind="stable")[:MAX_CLASSES]
    for kind in frequent[:1] if len(frequent) == 2 else frequent:
        yield (coded == kind).astype(np.int64)


def _strongest(gaps: Chunks, name: str, events: tuple[Codes, ...], bound: float) -> DependentMissingness | None:
    missing = gaps.to_numpy().astype(np.int64)
    found = [d for event in events if (d := _compared(missing, event, name, bound)) is not None]
    return max(found, key=lambda d: abs(d.inside - d.outside), default=None)


def _compared(missing: Codes, event: Codes, name: str, bound: float) -> DependentMissingness | None:
    members = int(event.sum())
    others = len(event) - members
    if not members or not others:
        return None
    within = int(missing @ event)
    inside, outside = within / members, (int(missing.sum()) - within) / others
    share = float(missing.mean())
    error = math.sqrt(share * (1 - share) * (1 / members + 1 / others))
    chance = math.erfc(abs(inside - outside) / error / math.sqrt(2))
    return DependentMissingness(name, inside, outside, int(np.argmax(event))) if chance < bound else None
