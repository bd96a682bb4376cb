"""PGD: many steps along the slope, each brought back into the ball of the budget, from the row and from random places.

Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks" (ICLR 2018).
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from secmlops.attack.evasion.ascent import slope, unit_step, within
from secmlops.attack.evasion.attack import Gradient, Kind, Knowledge
from secmlops.attack.evasion.climbing import climb_budgets, confirmed, obstacle_of
from secmlops.attack.evasion.hunt import Hunt
from secmlops.attack.evasion.moves import Matrix, Moves, Places


@dataclass(frozen=True, slots=True)
class Projected:
    """``steps`` steps of ``stride`` budgets in length, from the row and then from ``restarts`` random places."""

    name: ClassVar[str] = "pgd"
    kind: ClassVar[Kind] = Kind.GRADIENT

    steps: int = 40
    stride: float = 0.1
    restarts: int = 1

    def obstacle(self, hunt: Hunt, knowledge: Knowledge, /) -> str:
        """Say why there is nothing to climb along."""
        return obstacle_of(hunt, knowledge)

    def run(self, hunt: Hunt, knowledge: Knowledge, generator: np.random.Generator, /) -> None:
        """Climb inside the ball of each budget, the largest first."""
        if knowledge.gradient is not None:
            climb_budgets(hunt, knowledge.gradient, self, generator)

    def climb(self, hunt: Hunt, gradient: Gradient, places: Places, shift: Matrix, budget: float) -> None:
        """Climb from ``shift`` [m, p] inside the ball of ``budget``; rows that evade stop."""
        norm = hunt.allowed.norm
        for _ in range(self.steps):
            left = hunt.queries[places] + 1 < hunt.limit
            places, shift = places[left], shift[left]
            if not len(places):
                return
            moves = Moves(shift, hunt.unchanged(places).codes)
            slopes, value = slope(hunt, gradient, places, moves)
            done = confirmed(hunt, places, moves, value)
            shift = shift + self.stride * budget * unit_step(norm, slopes)
            bounded = within(norm, shift, np.full(len(places), budget))
            shift = hunt.inside(places, bounded)
            places, shift = places[~done], shift[~done]
        if len(places):
            hunt.ask(places, Moves(shift, hunt.unchanged(places).codes))
