"""Whether rows look, by their other columns, like rows of the classes that a trigger takes them from.

Who plants a trigger stamps rows of other classes, drawn by chance. The rows that share a value by nature look like the
whole table, or shifted as much as those of other values are; how much that is, the table itself tells (an empirical
null: Efron, JASA 2004). A label is looked at only to learn what the classes look like.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.data.poisoning.additive import Additive
from secmlops.data.poisoning.items import Coded
from secmlops.data.poisoning.itemsets import Bounds, Itemset

_FEWEST = 8
_LEAST, _UNKNOWN = 0.15, 1.0  # deviations: smallest natural shift, and that of a table with too few values to tell
_MEDIAN = 0.455  # of the square of a standard normal number
_MOST = 30.0
_AT_RANDOM = 0.25  # chance that who plants does not choose the rows

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Likeness:
    """``models`` of the classes, and by how many deviations values of each column shift the odds of others, [p]."""

    models: Sequence[Additive]
    shifts: Matrix

    @classmethod
    def of(cls, columns: Sequence[Coded], models: Sequence[Additive], bounds: Bounds) -> "Likeness":
        """Learn what is natural from all single values that enough rows hold, of numbers and of categories."""
        squares: dict[bool, list[Matrix]] = {False: [], True: []}
        every = np.arange(len(columns[0].codes))
        for place, column in enumerate(columns):
            logits = models[0].without((place,), every)
            counts = column.counts
            sums = np.bincount(column.codes, logits - logits.mean(), column.size)[: column.items]
            kept = (counts >= bounds.least) & (counts <= bounds.most)
            means = sums[kept] / counts[kept] / max(float(logits.std()), 1e-9)
            squares[column.categorical].append(means**2 - _MEDIAN / counts[kept])
        natural = {kind: _natural(np.concatenate([np.empty(0), *parts])) for kind, parts in squares.items()}
        return cls(models, np.array([natural[column.categorical] for column in columns]))

    def nats(self, one: Itemset, event: npt.NDArray[np.bool_]) -> float:
        """Nats for rows drawn from those that are not the ``event`` [n], against a natural shift.

        They may also have been chosen otherwise, so that it never speaks much against a trigger.
        """
        every = np.arange(len(event))
        logits = self.models[one.target].without(one.places, every)
        held = np.zeros(len(event), bool)
        held[one.rows] = True
        usual, others, mean = logits[~held], logits[~held & ~event], float(logits[held].mean())
        if not len(others):
            return 0.0
        natural = float((self.shifts[list(one.places)] ** 2).sum()) + 1 / len(one.rows)
        by_nature = _log_density(mean - float(usual.mean()), float(usual.var()) * natural)
        planted = _log_density(mean - float(others.mean()), float(others.var()) / len(one.rows))
        return float(np.log1p(_AT_RANDOM * np.expm1(min(planted - by_nature, _MOST))))


def _natural(squares: Matrix) -> float:
    return max(float(np.median(squares)) / _MEDIAN, _LEAST**2) ** 0.5 if len(squares) >= _FEWEST else _UNKNOWN


def _log_density(distance: float, variance: float) -> float:
    """Of a normal distribution, but for a constant."""
    held = max(variance, 1e-12)
    return -(distance**2) / (2 * held) - float(np.log(held)) / 2
