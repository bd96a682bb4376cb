"""Membership inference: attacks that tell whether a row was among those a classifier learned from.

Yeom et al. (CSF 2018) look at the probability of the true class, or at whether the label is right (the gap attack, all
that remains of labels: Choquette-Choo et al., ICML 2021). Both take easy rows for members. RMIA (Zarifzadeh, Liu and
Shokri, ICML 2024) compares the probability with what models give that learned from random halves of all rows. It asks
how often this ratio is above that of other rows of the population; those being the same for all, the ratio alone ranks
the rows alike. With labels only, the ratio is the gap attack calibrated by how hard each row is.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.attack.forest import Forest
from secmlops.attack.imitation import Space
from secmlops.attack.oracle import Outputs
from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs

Matrix = npt.NDArray[np.float64]
_FLOOR = 1e-3  # a reference model of a few trees knows no smaller probability


@dataclass(frozen=True, slots=True)
class Candidates:
    """Rows [n] with their classes int64 [n], of which it is known who is a ``member`` bool [n]."""

    inputs: Inputs
    target: npt.NDArray[np.int64]
    member: npt.NDArray[np.bool_]

    def __post_init__(self) -> None:
        if not len(self.inputs) == len(self.target) == len(self.member):
            raise InputError("candidates need a class each, and whether they are members")

    def __len__(self) -> int:
        return len(self.inputs)


def threshold(outputs: Outputs, target: npt.NDArray[np.int64]) -> Matrix:
    """Score [n] of the threshold attack: the probability of the true class."""
    likelihood: Matrix = np.take_along_axis(outputs, target[:, None], axis=1)[:, 0]
    return likelihood


def gap(outputs: Outputs, target: npt.NDArray[np.int64]) -> Matrix:
    """Score [n] of the gap attack: 1 where the label is right, 0 where it is wrong."""
    right: Matrix = (outputs.argmax(axis=1) == target).astype(np.float64)
    return right


def rmia(outputs: Outputs, target: npt.NDArray[np.int64], expected: Matrix) -> Matrix:
    """Score [n] of RMIA: the probability of the true class in multiples of the ``expected`` [n]."""
    ratio: Matrix = threshold(outputs, target) / expected
    return ratio


def expected_likelihood(candidates: Candidates, classes: int, generator: np.random.Generator, pairs: int = 2) -> Matrix:
    """Mean probability of the true class [n] that models give which learned from a random half of the candidates.

    ``pairs`` of models, each of a half and of the other: every row is known to one of a pair and new to the other.
    """
    if len(candidates) < 2 or pairs < 1:
        raise InputError("reference models need a pair of them, and two rows")
    design = Space.of(candidates.inputs).design(candidates.inputs)
    labels, total = np.eye(classes)[candidates.target], np.zeros(len(candidates))
    for _ in range(pairs):
        for half in np.array_split(generator.permutation(len(candidates)), 2):
            reference = Forest.learn(design[half], labels[half], generator)
            total += threshold(reference.predict(design), candidates.target)
    expected: Matrix = np.maximum(total / (2 * pairs), _FLOOR)
    return expected
