"""Rates of groups of people, for many weightings of the same rows at once, and the widest difference among them.

A rate is what is counted over what it is counted among: the share called an event, among all or among the true events.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.assurance.metrics import Flags, Floats, Weights, once
from secmlops.assurance.scores import called
from secmlops.assurance.subject import Outputs, Target
from secmlops.core.task import Task

MINIMUM_AMONG = 10
"""A rate among fewer rows of a group than this is not compared."""


@dataclass(frozen=True, slots=True, eq=False)
class Rate:
    """``counted`` [n], summed over the rows ``among`` [n] and divided by their number."""

    name: str
    counted: Floats
    among: Flags


@dataclass(frozen=True, slots=True)
class Spread:
    """Of one rate: the groups with the ``highest`` and the ``lowest`` value, by number, and both values."""

    highest: int
    lowest: int
    most: float
    least: float

    @property
    def difference(self) -> float:
        """Highest less lowest."""
        return self.most - self.least


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """The rows of each group: ``members`` [n, g] of 0 and 1, ``names`` of the groups."""

    names: tuple[str, ...]
    members: Floats

    @classmethod
    def of(cls, column: npt.NDArray[np.object_], minimum_rows: int) -> tuple["Groups", tuple[str, ...]]:
        """Groups of a column of texts [n] with ``minimum_rows`` or more, and the names of the smaller ones."""
        names, coded, counts = np.unique(column.astype(str), return_inverse=True, return_counts=True)
        large = np.flatnonzero(counts >= minimum_rows)
        members = (coded[:, None] == large[None, :]).astype(np.float64)
        kept = tuple(str(names[place]) for place in large)
        return cls(kept, members), tuple(str(name) for name in names if str(name) not in kept)

    def values(self, rate: Rate, weights: Weights) -> Floats:
        """The ``rate`` of each group under ``weights`` [b, n]: [b, g]; NaN among nobody."""
        among = rate.among[:, None] * self.members
        numbers = weights @ among
        sums = weights @ (rate.counted[:, None] * among)
        return np.divide(sums, numbers, out=np.full_like(sums, np.nan, dtype=np.float64), where=numbers > 0)

    def spread(self, rate: Rate) -> Spread | None:
        """Widest difference of the ``rate``; None where fewer than two groups have enough rows to count among."""
        enough = np.flatnonzero((rate.among @ self.members) >= MINIMUM_AMONG)
        if len(enough) < 2:
            return None
        values = self.values(rate, once(len(rate.among)))[0]
        highest, lowest = (int(enough[place]) for place in (values[enough].argmax(), values[enough].argmin()))
        return Spread(highest, lowest, float(values[highest]), float(values[lowest]))


def rates_of(task: Task, target: Target, outputs: Outputs) -> tuple[Rate, ...]:
    """Every rate of a ``task``, on targets [n] and outputs [n, k].

    Two classes: ``selection`` (called an event, among all), ``tpr`` (among the true events), ``fpr`` (among the
    others), ``ppv`` (true events among those called so), ``residual`` (predicted less true share). More classes: the
    same of each class against the others. Quantities: ``prediction`` and ``residual``, in standard deviations.
    """
    everyone = np.ones(len(target), bool)
    if task is Task.REGRESSION:
        scale = float(np.std(target)) or 1.0
        predicted = outputs[:, 0] / scale
        return Rate("prediction", predicted, everyone), Rate("residual", predicted - target / scale, everyone)
    if task is Task.BINARY:
        return tuple(_of_event(target == 1, called(outputs) == 1, outputs[:, 1]))
    best = outputs.argmax(axis=1)
    classes: Sequence[int] = range(outputs.shape[1])
    return tuple(rate for k in classes for rate in _of_event(target == k, best == k, outputs[:, k]))


def _of_event(event: Flags, chosen: Flags, probability: Floats) -> Iterator[Rate]:
    everyone = np.ones(len(event), bool)
    yield Rate("selection", chosen.astype(np.float64), everyone)
    yield Rate("tpr", chosen.astype(np.float64), event)
    yield Rate("fpr", chosen.astype(np.float64), ~event)
    yield Rate("ppv", event.astype(np.float64), chosen)
    yield Rate("residual", probability - event, everyone)
