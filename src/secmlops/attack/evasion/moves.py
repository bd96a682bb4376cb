"""What is done to rows: a shift of each number, in units of cost, and another category for some texts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Places = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

KEPT = -1
"""The code of a category that stays as it is."""


@dataclass(frozen=True, slots=True)
class Moves:
    """``shift`` float64 [n, p] of the numeric columns, and ``codes`` intp [n, q] of the categories put in place."""

    shift: Matrix
    codes: Codes

    @classmethod
    def none(cls, rows: int, numbers: int, texts: int) -> "Moves":
        """Return moves that change nothing."""
        return cls(np.zeros((rows, numbers)), np.full((rows, texts), KEPT, np.intp))

    def __len__(self) -> int:
        return len(self.shift)

    def take(self, rows: Places | slice | Mask) -> "Moves":
        """Return those of the given rows."""
        return Moves(self.shift[rows], self.codes[rows])

    def put(self, rows: Places | Mask, moves: "Moves") -> None:
        """Overwrite those of the given rows."""
        self.shift[rows], self.codes[rows] = moves.shift, moves.codes

    def copy(self) -> "Moves":
        """Return moves of their own."""
        return Moves(self.shift.copy(), self.codes.copy())

    def repeat(self, times: int) -> "Moves":
        """Return each of them so many times, one after the other."""
        return Moves(np.repeat(self.shift, times, axis=0), np.repeat(self.codes, times, axis=0))


def choose(first: Mask, one: Moves, other: Moves) -> Moves:
    """Return moves of ``one`` where ``first`` [n], and of the ``other`` elsewhere."""
    return Moves(
        np.where(first[:, None], one.shift, other.shift),
        np.where(first[:, None], one.codes, other.codes),
    )
