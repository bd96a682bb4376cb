"""FGSM: one step along the slope, as long as the budget (Goodfellow, Shlens and Szegedy, ICLR 2015)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from secmlops.attack.evasion.ascent import slope, unit_step
from secmlops.attack.evasion.attack import Kind, Knowledge
from secmlops.attack.evasion.climbing import budgets_of, obstacle_of
from secmlops.attack.evasion.hunt import Hunt
from secmlops.attack.evasion.moves import Moves


@dataclass(frozen=True, slots=True)
class FastGradient:
    """One step along the slope, as long as the budget."""

    name: ClassVar[str] = "fgsm"
    kind: ClassVar[Kind] = Kind.GRADIENT

    def obstacle(self, hunt: Hunt, knowledge: Knowledge, /) -> str:
        """Say why there is nothing to climb along."""
        return obstacle_of(hunt, knowledge)

    def run(self, hunt: Hunt, knowledge: Knowledge, generator: np.random.Generator, /) -> None:
        """Step once from each row, by each budget."""
        if knowledge.gradient is None:
            return
        places = hunt.open_rows(2)
        slopes, _ = slope(hunt, knowledge.gradient, places, hunt.unchanged(places))
        steps = unit_step(hunt.allowed.norm, slopes)
        for budget in budgets_of(hunt):
            left = hunt.queries[places] < hunt.limit
            places, steps = places[left], steps[left]
            kept = hunt.unchanged(places)
            _, margins = hunt.ask(places, Moves(steps * budget, kept.codes))
            evaded = margins < 0
            places, steps = places[evaded], steps[evaded]
            if not len(places):
                return
