"""How every attack by slopes goes through the budgets: ball by ball, start by start, and back to the boundary."""

from typing import Protocol

import numpy as np

from secmlops.attack.evasion.ascent import random_shift
from secmlops.attack.evasion.attack import Gradient, Knowledge
from secmlops.attack.evasion.hunt import Hunt
from secmlops.attack.evasion.moves import Mask, Matrix, Moves, Places
from secmlops.attack.evasion.starts import nearer

HALVINGS = 6
"""Queries for a row that are kept to go back to the boundary."""


class Climber(Protocol):
    """Climbs inside the ball of one budget, from the row itself and from so many random places beside it."""

    @property
    def restarts(self) -> int:
        """How many random places are started from."""
        ...

    def climb(self, hunt: Hunt, gradient: Gradient, places: Places, shift: Matrix, budget: float, /) -> None:
        """Climb from ``shift`` [m, p] inside the ball of ``budget``; rows that evade stop."""
        ...


def obstacle_of(hunt: Hunt, knowledge: Knowledge) -> str:
    """Why there is no gradient to climb along; empty when there is one."""
    if knowledge.gradient is None:
        return knowledge.no_gradient
    return "" if hunt.free.any() else "no number may be changed"


def budgets_of(hunt: Hunt) -> list[float]:
    """Budgets from the largest down: what a large one cannot buy, a smaller one cannot either."""
    if hunt.budgets:
        return sorted(hunt.budgets, reverse=True)
    widest = float(np.median(hunt.allowed.cost(Moves(np.maximum(hunt.high, -hunt.low), hunt.best.codes))))
    return [widest / 2**power for power in range(12)]


def confirmed(hunt: Hunt, places: Places, moves: Moves, value: Matrix) -> Mask:
    """Rows [m] whose ``value`` says that they evade, and of which the model says so too."""
    done = np.zeros(len(places), bool)
    hopeful = np.flatnonzero((value > 0) & (hunt.queries[places] < hunt.limit))
    if len(hopeful):
        _, margins = hunt.ask(places[hopeful], moves.take(hopeful))
        done[hopeful] = margins < 0
    return done


def climb_budgets(hunt: Hunt, gradient: Gradient, climber: Climber, generator: np.random.Generator) -> None:
    """Climb inside the balls of all budgets, the largest first, and go back to the boundary from what was found."""
    places = np.arange(len(hunt))
    for budget in budgets_of(hunt):
        places = places[(hunt.cost[places] > hunt.goal) & (hunt.queries[places] < hunt.limit)]
        for restart in range(1 + climber.restarts):
            trying = places[hunt.cost[places] > budget]
            if not len(trying):
                break
            start = np.zeros((len(trying), hunt.free.shape[1]))
            if restart:
                start = random_shift(hunt, trying, np.full(len(trying), budget), generator)
            climber.climb(hunt, gradient, trying, hunt.inside(trying, start), budget)
        places = places[hunt.cost[places] <= budget]
    back_to_boundary(hunt)


def back_to_boundary(hunt: Hunt) -> None:
    """Shrink what was found for each row as far as it still evades."""
    found = np.flatnonzero(np.isfinite(hunt.cost) & (hunt.cost > hunt.goal) & (hunt.queries + HALVINGS <= hunt.limit))
    if len(found):
        nearer(hunt, found, hunt.best.take(found), HALVINGS)
