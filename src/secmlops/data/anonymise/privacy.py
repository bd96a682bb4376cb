"""Privacy models: what a class of indistinguishable rows must satisfy, as a question about its counts.

Every model here stays true when two classes that satisfy it are joined (monotonicity; Machanavajjhala et al. 2007,
Li et al. 2007), so that a class made of two that were checked needs no second check.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError
from secmlops.data.anonymise.cells import Integers
from secmlops.data.anonymise.distance import Distance, equal_distance, ordered_distance, tree_distance
from secmlops.data.anonymise.tree import Tree

Mask = npt.NDArray[np.bool_]
TOLERANCE = 1e-9


class Model(Protocol):
    """One privacy model about one sensitive column."""

    def holds(self, counts: Integers, whole: Integers) -> Mask:
        """Whether classes satisfy the model [m]; ``counts`` [m, values] per class, ``whole`` [values] of the table."""
        ...


@dataclass(frozen=True, slots=True)
class DistinctDiversity:
    """Distinct l-diversity: at least ``ell`` different sensitive values in each class."""

    ell: int

    def __post_init__(self) -> None:
        _check(self.ell >= 2, "distinct l-diversity", "l is a whole number from 2 on")

    def holds(self, counts: Integers, whole: Integers) -> Mask:
        """Whether classes with ``counts`` satisfy the model."""
        mask: Mask = np.count_nonzero(counts, axis=1) >= self.ell
        return mask


@dataclass(frozen=True, slots=True)
class EntropyDiversity:
    """Entropy l-diversity: the entropy of the sensitive values in each class is at least log(``ell``)."""

    ell: float

    def __post_init__(self) -> None:
        _check(self.ell > 1, "entropy l-diversity", "l is a number above 1")

    def holds(self, counts: Integers, whole: Integers) -> Mask:
        """Whether classes with ``counts`` satisfy the model."""
        sizes = np.maximum(counts.sum(axis=1), 1)
        mass = np.sum(counts * np.log(np.maximum(counts, 1)), axis=1)
        mask: Mask = np.log(sizes) - mass / sizes >= np.log(self.ell) - TOLERANCE
        return mask


@dataclass(frozen=True, slots=True)
class RecursiveDiversity:
    """Recursive (c, l)-diversity: the commonest value is rarer than ``c`` times the l-th and rarer together."""

    c: float
    ell: int

    def __post_init__(self) -> None:
        _check(self.c > 0 and self.ell >= 2, "recursive (c, l)-diversity", "c is above 0, l a whole number from 2 on")

    def holds(self, counts: Integers, whole: Integers) -> Mask:
        """Whether classes with ``counts`` satisfy the model."""
        if counts.shape[1] < self.ell:
            return np.zeros(len(counts), bool)
        ranked = -np.sort(-counts, axis=1)
        mask: Mask = ranked[:, 0] < self.c * ranked[:, self.ell - 1 :].sum(axis=1)
        return mask


class Ground(StrEnum):
    """How far apart two sensitive values are: all equally, by their order, or by their hierarchy."""

    EQUAL = "equal"
    ORDERED = "ordered"
    HIERARCHICAL = "hierarchical"


@dataclass(frozen=True, slots=True, eq=False)
class Closeness:
    """t-closeness: the earth mover's distance of each class from the whole table is at most ``t`` (Li et al. 2007).

    The columns of the counts are in the order of the values, or that of the leaves of ``tree``, which is put in when
    the sensitive column is coded.
    """

    t: float
    ground: Ground = Ground.EQUAL
    tree: Tree | None = None

    def __post_init__(self) -> None:
        _check(0 < self.t < 1, "t-closeness", "t lies between 0 and 1")

    def distance(self, counts: Integers, whole: Integers) -> Distance:
        """Distance [m] of each class from the whole, 0 to 1."""
        sizes = np.maximum(counts.sum(axis=1, keepdims=True), 1)
        excess = counts / sizes - whole / whole.sum()
        if self.ground is Ground.EQUAL:
            return equal_distance(excess)
        if self.ground is Ground.ORDERED:
            return ordered_distance(excess)
        if self.tree is None:
            raise InputError("hierarchical t-closeness needs the hierarchy of its column", where="anonymise")
        return tree_distance(excess, self.tree)

    def holds(self, counts: Integers, whole: Integers) -> Mask:
        """Whether classes with ``counts`` satisfy the model."""
        return self.distance(counts, whole) <= self.t + TOLERANCE


@dataclass(frozen=True, slots=True)
class Presence:
    """Delta-presence: the share of a class's rows that are in the data set lies from ``low`` to ``high``.

    Nergiz, Atzori and Clifton, Hiding the Presence of Individuals from Shared Databases, SIGMOD 2007. Its column says
    of each row of the public table whether it is in the data set (code 1). At least ``k`` rows of a class must be.
    """

    low: float
    high: float
    k: int

    def __post_init__(self) -> None:
        _check(0 <= self.low < self.high <= 1, "delta-presence", "0 <= low < high <= 1")

    def holds(self, counts: Integers, whole: Integers) -> Mask:
        """Whether classes with ``counts`` satisfy the model."""
        share = counts[:, 1] / np.maximum(counts.sum(axis=1), 1)
        inside = (share >= self.low - TOLERANCE) & (share <= self.high + TOLERANCE)
        mask: Mask = inside & (counts[:, 1] >= self.k)
        return mask


def _check(sound: bool, model: str, advice: str) -> None:
    if not sound:
        raise InputError(f"{model} cannot be asked for like this", where="anonymise", hint=advice)
