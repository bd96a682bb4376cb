"""Quasi-identifiers as integer codes, and what it costs to make several codes indistinguishable.

Each has ``codes`` [rows] below ``domain``, in an order in which they may be cut, and a ``weight``, how dear its detail
is.

The cost is the normalised certainty penalty (Xu et al., Utility-Based Anonymization Using Local Recoding, KDD 2006):
0 for a single value, 1 when nothing remains of it.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from secmlops.data.anonymise.cells import Codes, Integers
from secmlops.data.anonymise.tree import Tree
from secmlops.data.arrow import Values

Penalty = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """Numbers, dates and moments: a class keeps the range from its smallest to its largest value.

    ``values`` [domain] ascend; if ``missing``, the last is NaN and stands for a missing value: a class that mixes it
    with others keeps nothing.
    """

    name: str
    codes: Codes = field(repr=False)
    values: npt.NDArray[np.float64] = field(repr=False)
    missing: bool
    weight: float = 1.0

    @property
    def domain(self) -> int:
        """Number of codes."""
        return len(self.values)

    def penalty(self, lowest: Integers, highest: Integers, distinct: Integers) -> Penalty:
        """Penalty [m] of classes whose codes lie from ``lowest`` to ``highest`` and are ``distinct`` many."""
        span = self.values[-1 - self.missing] - self.values[0]
        share: Penalty = (self.values[highest] - self.values[lowest]) / (span or 1.0)
        if self.missing:
            share = np.where(np.isnan(share), np.where(lowest == highest, 0.0, 1.0), share)
        return share


@dataclass(frozen=True, slots=True, eq=False)
class Category:
    """Names without a hierarchy: a class keeps the set of its names. ``names`` [domain], null for a missing one."""

    name: str
    codes: Codes = field(repr=False)
    names: Values = field(repr=False)
    weight: float = 1.0

    @property
    def domain(self) -> int:
        """Number of codes."""
        return len(self.names)

    def penalty(self, lowest: Integers, highest: Integers, distinct: Integers) -> Penalty:
        """Penalty [m] of classes whose codes lie from ``lowest`` to ``highest`` and are ``distinct`` many."""
        return np.where(distinct == 1, 0.0, distinct / self.domain)


@dataclass(frozen=True, slots=True, eq=False)
class Taxonomy:
    """Names under a hierarchy, coded so that each group is a range: a class keeps its lowest common ancestor."""

    name: str
    codes: Codes = field(repr=False)
    tree: Tree = field(repr=False)
    weight: float = 1.0

    @property
    def domain(self) -> int:
        """Number of codes."""
        return len(self.tree.leaves)

    def penalty(self, lowest: Integers, highest: Integers, distinct: Integers) -> Penalty:
        """Penalty [m] of classes whose codes lie from ``lowest`` to ``highest`` and are ``distinct`` many."""
        share = np.ones(len(lowest))
        for depth, groups in enumerate(self.tree.groups):
            group = groups[lowest]
            share = np.where(group == groups[highest], self.tree.shares(depth)[group], share)
        return np.where(lowest == highest, 0.0, share)


Attribute = Quantity | Category | Taxonomy
