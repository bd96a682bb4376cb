"""Copies that weigh: equal rows, many of them, with a label that the rest of the table contradicts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.data.copies import find_copies
from secmlops.data.poisoning.learner import Learner, design_of
from secmlops.runtime.signature import Inputs

LEAST_COPIES = 4
_CONTRADICTED = 0.25
_ALIKE = 0.9

Labels = npt.NDArray[np.int64]
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Copied:
    """``rows`` with equal inputs, and the probability that the rest of the table gives to their commonest label."""

    rows: Rows
    expected: float


def find_weighty_copies(inputs: Inputs, labels: Labels, seed: int) -> tuple[Copied, ...]:
    """Groups of at least four equal rows of one label, to which a model of all other rows gives less than a quarter.

    Rows that are equal by chance, because columns have few values, do not count.
    """
    copies = find_copies([*inputs.numeric.T, *inputs.categorical.T], len(labels))
    sizes = np.bincount(copies.codes)
    grouped = np.flatnonzero((sizes[copies.codes] >= LEAST_COPIES) & ~copies.by_chance)
    if not len(grouped) or len(grouped) == len(labels):
        return ()
    others = np.delete(np.arange(len(labels)), grouped)
    outputs = Learner(seed).predict(design_of(inputs), labels, others, grouped)
    order = np.argsort(copies.codes[grouped], kind="stable")
    starts = np.flatnonzero(np.diff(copies.codes[grouped][order]))
    groups = (_copied(grouped[part], labels, outputs[part]) for part in np.split(order, starts + 1))
    return tuple(group for group in groups if group is not None)


def _copied(rows: Rows, labels: Labels, outputs: npt.NDArray[np.float64]) -> Copied | None:
    counts = np.bincount(labels[rows])
    expected = float(outputs[:, counts.argmax()].mean())
    contradicted = counts.max() >= _ALIKE * len(rows) and expected < _CONTRADICTED
    return Copied(np.sort(rows), expected) if contradicted else None
