"""The threat model of a table: what an adversary may change in a row, and what each change costs.

Costs follow the feature-wise view of tabular attacks (Kireev, Kulynych and Troncoso, "Adversarial Robustness for
Tabular Data through Cost and Utility Awareness", NDSS 2023); the sums that must hold and the integer steps that of
Simonetto et al., "A Unified Framework for Adversarial Attack and Defense in Constrained Feature Space" (IJCAI 2022).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from secmlops.attack.evasion.moves import KEPT, Mask, Matrix, Moves
from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs

Texts = npt.NDArray[np.object_]


class Norm(StrEnum):
    """How the costs of single changes add up to that of a row."""

    L2 = "l2"
    LINF = "linf"


@dataclass(frozen=True, slots=True)
class Perturbations:
    """What may be done to rows of ``p`` numeric and ``q`` categorical columns.

    A number moves from ``low`` to ``high`` (float64 [p]), by whole steps where it is ``integer`` (bool [p]); a move by
    ``unit`` [p] costs 1, and a unit of 0 says that nobody can change the column. ``choices`` are the texts that a
    category may become, of each column an array; the change costs ``price`` [q], infinity where nobody can make it.
    Each row of ``sums`` float64 [m, p] holds coefficients of a sum that must stay what it was. Bounds never force a
    row to change: a value outside of them may stay, or come nearer.
    """

    low: Matrix
    high: Matrix
    unit: Matrix
    integer: Mask
    choices: tuple[Texts, ...]
    price: Matrix
    sums: Matrix
    norm: Norm = Norm.L2

    def __post_init__(self) -> None:
        numbers, texts = len(self.unit), len(self.price)
        fits = len(self.low) == len(self.high) == len(self.integer) == numbers and self.sums.shape[1:] == (numbers,)
        if not fits or len(self.choices) != texts:
            raise InputError("the parts of a threat model are of different numbers of columns")
        if not (np.isfinite(self.unit).all() and (self.unit >= 0).all() and (self.price >= 0).all()):
            raise InputError("a unit of change is a number of 0 or more, and so is a price")
        if (self.low > self.high).any():
            raise InputError("a column of a threat model has a lower bound above its upper one")

    @classmethod
    def of(cls, rows: Inputs, integer: Mask | None = None, norm: Norm = Norm.L2) -> "Perturbations":
        """Everything may change, within what ``rows`` show: a standard deviation costs 1, another category 1."""
        numbers = rows.numeric.shape[1]
        known = np.where(np.isnan(rows.numeric), np.nan, rows.numeric.astype(np.float64))
        empty = np.isnan(known).all(axis=0) if len(rows) else np.ones(numbers, bool)
        known = np.where(empty, 0.0, known)
        return cls(
            low=np.nanmin(known, axis=0) if len(rows) else np.zeros(numbers),
            high=np.nanmax(known, axis=0) if len(rows) else np.zeros(numbers),
            unit=np.nanstd(known, axis=0) if len(rows) else np.zeros(numbers),
            integer=np.zeros(numbers, bool) if integer is None else integer,
            choices=tuple(np.unique(column.astype(str)).astype(object) for column in rows.categorical.T),
            price=np.ones(rows.categorical.shape[1]),
            sums=np.empty((0, numbers)),
            norm=norm,
        )

    def cost(self, moves: Moves) -> Matrix:
        """Cost [n] of each row's moves."""
        changed = moves.codes != KEPT
        if self.norm is Norm.LINF:
            numbers = np.abs(moves.shift).max(axis=1, initial=0.0)
            texts = np.where(changed, self.price, 0.0).max(axis=1, initial=0.0)
            most: Matrix = np.maximum(numbers, texts)
            return most
        squares = np.einsum("np,np->n", moves.shift, moves.shift)
        if changed.shape[1]:
            squares = squares + (np.where(changed, self.price, 0.0) ** 2).sum(axis=1)
        cost: Matrix = np.sqrt(squares)
        return cost
