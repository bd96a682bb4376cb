"""Genetic: a few changed copies of each row live, mate and mutate; those with the smallest margin have children.

Alzantot et al., "GenAttack: Practical Black-Box Attacks with Gradient-Free Optimization" (GECCO 2019), on rows of
numbers and categories within a budget; elitism and uniform crossover as there.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from secmlops.attack.evasion.attack import Kind, Knowledge
from secmlops.attack.evasion.climbing import HALVINGS, back_to_boundary, budgets_of
from secmlops.attack.evasion.hunt import Hunt
from secmlops.attack.evasion.moves import Matrix, Moves, Places
from secmlops.attack.evasion.proposal import Proposal

_TEMPERATURE = 0.1


@dataclass(frozen=True, slots=True)
class Genetic:
    """``members`` copies of each row; each feature of a child mutates with the probability ``mutation``."""

    name: ClassVar[str] = "genetic"
    kind: ClassVar[Kind] = Kind.SCORE

    members: int = 8
    mutation: float = 0.15

    def obstacle(self, hunt: Hunt, knowledge: Knowledge, /) -> str:
        """Scores are always there."""
        return ""

    def run(self, hunt: Hunt, knowledge: Knowledge, generator: np.random.Generator, /) -> None:
        """Breed inside the ball of each budget, the largest first, with an equal part of the queries."""
        budgets = budgets_of(hunt)
        places = hunt.open_rows(self.members)
        for place, budget in enumerate(budgets):
            rounds = (hunt.limit - HALVINGS) // ((len(budgets) - place + 1) * self.members)
            self._breed(Proposal(hunt, budget, generator), places, rounds)
            left = hunt.queries[places] + self.members + HALVINGS < hunt.limit
            places = places[(hunt.cost[places] <= budget) & left]
            if not len(places):
                break
        back_to_boundary(hunt)

    def _breed(self, proposal: Proposal, places: Places, rounds: int) -> None:
        hunt, members = proposal.hunt, self.members
        places = places[hunt.cost[places] > proposal.budget]
        herd = proposal.first(np.repeat(places, members))
        for _ in range(rounds):
            left = (hunt.cost[places] > proposal.budget) & (hunt.queries[places] + members + HALVINGS <= hunt.limit)
            herd, places = herd.take(np.repeat(left, members)), places[left]
            if not len(places):
                return
            herd, margins = hunt.ask(np.repeat(places, members), herd)
            herd = self._children(proposal, places, herd, margins.reshape(-1, members))

    def _children(self, proposal: Proposal, places: Places, herd: Moves, margins: Matrix) -> Moves:
        """Return the next herd: the best one of each row, and children of parents drawn by margins [m, members]."""
        draw = proposal.generator
        rows = np.arange(len(places))[:, None] * self.members
        noise = draw.gumbel(size=(2, *margins.shape, self.members))  # the largest of such sums is a draw by softmax
        parents = (noise - margins[:, None, :] / _TEMPERATURE).argmax(axis=-1) + rows
        mother, father = herd.take(parents[0].ravel()), herd.take(parents[1].ravel())
        numbers, texts = (draw.random(part.shape) < 0.5 for part in (mother.shift, mother.codes))
        crossed = Moves(np.where(numbers, mother.shift, father.shift), np.where(texts, mother.codes, father.codes))
        block = draw.random((len(crossed), proposal.features)) < self.mutation
        children = proposal.anew(np.repeat(places, self.members), crossed, block)
        children.put(rows[:, 0], herd.take(margins.argmin(axis=1) + rows[:, 0]))
        return children
