"""The rules of one anonymisation: what is generalised, and what every class must satisfy."""

from dataclasses import dataclass

import numpy as np

from secmlops.data.anonymise.attribute import Attribute
from secmlops.data.anonymise.cells import Integers
from secmlops.data.anonymise.privacy import Mask, Model


@dataclass(frozen=True, slots=True, eq=False)
class Constraint:
    """The models for one sensitive column, the row ``column`` of a block's values.

    ``whole`` [values] counts its codes in the table; a larger code stands for a row that does not count.
    """

    column: int
    whole: Integers
    models: tuple[Model, ...]

    @property
    def kinds(self) -> int:
        """Number of different values, the one that does not count among them."""
        return len(self.whole) + 1

    def holds(self, counts: Integers) -> Mask:
        """Whether every model holds [m] for classes with ``counts`` [m, kinds]."""
        mask = np.ones(len(counts), bool)
        for model in self.models:
            mask &= model.holds(counts[:, : len(self.whole)], self.whole)
        return mask


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """The quasi-identifiers, with weights, the least rows of a class, and the constraints."""

    attributes: tuple[Attribute, ...]
    k: int
    constraints: tuple[Constraint, ...] = ()
