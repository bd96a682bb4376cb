"""APGD: projected steps with momentum whose length halves when they stop to help; nothing is left to be tuned.

Croce and Hein, "Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse Parameter-free Attacks" (ICML
2020), section 3 and algorithm 1.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from secmlops.attack.evasion.ascent import slope, unit_step, within
from secmlops.attack.evasion.attack import Gradient, Kind, Knowledge
from secmlops.attack.evasion.climbing import climb_budgets, confirmed, obstacle_of
from secmlops.attack.evasion.hunt import Hunt
from secmlops.attack.evasion.moves import Mask, Matrix, Moves, Places

_MOMENTUM = 0.75
_ENOUGH = 0.75
"""Share of the steps since the last checkpoint that have to help."""


@dataclass(frozen=True, slots=True)
class Automatic:
    """``steps`` automatic steps, from the row and then from ``restarts`` random places."""

    name: ClassVar[str] = "apgd"
    kind: ClassVar[Kind] = Kind.GRADIENT

    steps: int = 40
    restarts: int = 1

    def obstacle(self, hunt: Hunt, knowledge: Knowledge, /) -> str:
        """Say why there is nothing to climb along."""
        return obstacle_of(hunt, knowledge)

    def run(self, hunt: Hunt, knowledge: Knowledge, generator: np.random.Generator, /) -> None:
        """Climb inside the ball of each budget, the largest first."""
        if knowledge.gradient is not None:
            climb_budgets(hunt, knowledge.gradient, self, generator)

    def climb(self, hunt: Hunt, gradient: Gradient, places: Places, shift: Matrix, budget: float, /) -> None:
        """Climb from ``shift`` [m, p] inside the ball of ``budget``; rows that evade stop."""
        rope = _Rope(hunt, places, shift, budget)
        checkpoints = checkpoints_of(self.steps)
        for step in range(self.steps):
            if not rope.advance(gradient):
                return
            if step in checkpoints:
                rope.shorten(step - max((c for c in checkpoints if c < step), default=0))
        rope.ask_last()


def checkpoints_of(steps: int) -> list[int]:
    """Steps at which the length of the steps is judged: ever closer (Croce and Hein, section 3.2)."""
    shares = [0.0, 0.22]
    while shares[-1] < 1:
        shares.append(shares[-1] + max(shares[-1] - shares[-2] - 0.03, 0.06))
    return sorted({int(np.ceil(share * steps)) for share in shares[1:] if share < 1})


class _Rope:
    """Where the rows at ``places`` stand, where they stood before, how long their steps are, and the best they had."""

    def __init__(self, hunt: Hunt, places: Places, shift: Matrix, budget: float) -> None:
        self._hunt, self._places, self._budget = hunt, places, budget
        self._shift, self._before = shift, shift
        self._length = np.full(len(places), 2 * budget)
        self._best, self._value = shift, np.full(len(places), -np.inf)
        self._last, self._gained = self._value, np.zeros(len(places))
        self._checked = (self._length, self._value)  # at the last checkpoint

    def advance(self, gradient: Gradient) -> bool:
        """Step once; False when no row is left."""
        self._keep(self._hunt.queries[self._places] + 1 < self._hunt.limit)
        if not len(self._places):
            return False
        slopes, value = slope(self._hunt, gradient, self._places, self._moves(self._shift))
        done = confirmed(self._hunt, self._places, self._moves(self._shift), value)
        self._gained = self._gained + (value > self._last)
        better = value > self._value
        self._best = np.where(better[:, None], self._shift, self._best)
        self._value, self._last = np.where(better, value, self._value), value
        self._step(slopes)
        self._keep(~done)
        return True

    def shorten(self, since: int) -> None:
        """Halve the steps of rows that gained too seldom ``since`` the last checkpoint; they go back to their best."""
        length, value = self._checked
        stuck = (length == self._length) & (value == self._value)
        halve = (self._gained < _ENOUGH * since) | stuck
        self._checked = (self._length, self._value)
        self._length = np.where(halve, self._length / 2, self._length)
        self._shift = np.where(halve[:, None], self._best, self._shift)
        self._before = np.where(halve[:, None], self._best, self._before)
        self._gained = np.zeros(len(self._places))

    def ask_last(self) -> None:
        """Ask about where the rows have come to."""
        self._keep(self._hunt.queries[self._places] < self._hunt.limit)
        if len(self._places):
            self._hunt.ask(self._places, self._moves(self._shift))

    def _step(self, slopes: Matrix) -> None:
        aimed = self._inside(self._shift + self._length[:, None] * unit_step(self._hunt.allowed.norm, slopes))
        onward = _MOMENTUM * (aimed - self._shift) + (1 - _MOMENTUM) * (self._shift - self._before)
        self._shift, self._before = self._inside(self._shift + onward), self._shift

    def _inside(self, shift: Matrix) -> Matrix:
        bounded = within(self._hunt.allowed.norm, shift, np.full(len(shift), self._budget))
        return self._hunt.inside(self._places, bounded)

    def _moves(self, shift: Matrix) -> Moves:
        return Moves(shift, self._hunt.unchanged(self._places).codes)

    def _keep(self, rows: Mask) -> None:
        if rows.all():
            return
        length, value = self._checked
        self._checked = (length[rows], value[rows])
        self._places, self._shift, self._before = self._places[rows], self._shift[rows], self._before[rows]
        self._length, self._best, self._value = self._length[rows], self._best[rows], self._value[rows]
        self._last, self._gained = self._last[rows], self._gained[rows]
