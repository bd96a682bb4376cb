"""Square-like: random changes of a block of features at the edge of the budget, kept where the margin gets smaller.

Andriushchenko et al., "Square Attack: A Query-Efficient Black-Box Adversarial Attack via Random Search" (ECCV 2020). A
row of a table has no squares: the block is a random set of features, whose share falls by the paper's schedule. Numbers
of the block go to the edge with a random sign, categories to a random text, and what they cost is left to the numbers.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from secmlops.attack.evasion.attack import Kind, Knowledge
from secmlops.attack.evasion.climbing import HALVINGS, back_to_boundary, budgets_of
from secmlops.attack.evasion.hunt import Hunt
from secmlops.attack.evasion.moves import Mask, Places, choose
from secmlops.attack.evasion.proposal import Proposal

_SCHEDULE = ((0.001, 1), (0.005, 2), (0.02, 4), (0.05, 8), (0.1, 16), (0.2, 32), (0.4, 64), (0.6, 128), (0.8, 256))
"""Up to which share of the queries the first share of features is divided by how much (the paper's appendix)."""


@dataclass(frozen=True, slots=True)
class Square:
    """``share`` is that of the features that are changed at first."""

    name: ClassVar[str] = "square"
    kind: ClassVar[Kind] = Kind.SCORE

    share: float = 0.8

    def obstacle(self, hunt: Hunt, knowledge: Knowledge, /) -> str:
        """Scores are always there."""
        return ""

    def run(self, hunt: Hunt, knowledge: Knowledge, generator: np.random.Generator, /) -> None:
        """Search inside the ball of each budget, the largest first, with an equal part of the queries."""
        budgets = budgets_of(hunt)
        places = hunt.open_rows()
        for place, budget in enumerate(budgets):
            rounds = (hunt.limit - HALVINGS) // (len(budgets) - place + 1)
            self._search(Proposal(hunt, budget, generator), places, rounds)
            places = places[(hunt.cost[places] <= budget) & (hunt.queries[places] + HALVINGS < hunt.limit)]
            if not len(places):
                break
        back_to_boundary(hunt)

    def _search(self, proposal: Proposal, places: Places, rounds: int) -> None:
        hunt = proposal.hunt
        places = places[hunt.cost[places] > proposal.budget]
        here, margin = proposal.first(places), np.full(len(places), np.inf)
        for turn in range(rounds):
            left = (margin >= 0) & (hunt.queries[places] + HALVINGS < hunt.limit)
            places, here, margin = places[left], here.take(left), margin[left]
            if not len(places):
                return
            tried = here
            if turn:
                tried = proposal.anew(places, here, self._block(proposal, len(places), turn / rounds))
            tried, found = hunt.ask(places, tried)
            here, margin = choose(found < margin, tried, here), np.minimum(found, margin)

    def _block(self, proposal: Proposal, rows: int, done: float) -> Mask:
        """Random sets of features [m, p + q], smaller the more is ``done``; never empty."""
        divisor = next((part for until, part in _SCHEDULE if done <= until), 512)
        size = max(1, round(self.share / divisor * proposal.features))
        ranks = proposal.generator.random((rows, proposal.features)).argsort(axis=1).argsort(axis=1)
        block: Mask = ranks < size
        return block
