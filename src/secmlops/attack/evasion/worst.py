"""The worst change found of each row within one budget, whether or not it evades: what robust training learns from."""

from dataclasses import dataclass

import numpy as np

from secmlops.attack.evasion.hunt import Effort, Hunt, Targets
from secmlops.attack.evasion.moves import Matrix, choose
from secmlops.attack.evasion.perturbations import Perturbations
from secmlops.attack.evasion.proposal import Proposal
from secmlops.attack.oracle import Oracle
from secmlops.runtime.signature import Inputs

_SHARES = (1.0, 0.5, 0.5, 0.25)
"""Shares of the features that are drawn anew, in turn: far ways off, and better ones near the best so far."""


@dataclass(frozen=True, slots=True)
class Search:
    """Random search of scores: ``queries`` tries for each row, each at the edge of ``budget``, kept where they help.

    As in Square (Andriushchenko et al., ECCV 2020), without its schedule: so few queries are over before it begins.
    """

    budget: float
    queries: int = 30


def worst_changes(
    targets: Targets, oracle: Oracle, allowed: Perturbations, search: Search, generator: np.random.Generator
) -> tuple[Inputs, Matrix]:
    """Return the rows [n], each as it was changed worst, and the margins [n] then: below 0 the row evades.

    A row that no change makes worse stays as it is.
    """
    hunt = Hunt(targets, oracle, allowed, Effort(search.queries + 1))
    places = np.arange(len(hunt))
    here, margins = hunt.unchanged(places), hunt.margins
    proposal = Proposal(hunt, search.budget, generator)
    features = proposal.features
    for turn in range(search.queries):
        share = _SHARES[turn % len(_SHARES)]
        block = generator.random((len(places), features)) < share
        tried, found = hunt.ask(places, proposal.anew(places, here, block))
        found = np.where(allowed.cost(tried) <= search.budget * (1 + 1e-9), found, np.inf)
        better = found < margins
        here, margins = choose(better, tried, here), np.where(better, found, margins)
    return hunt.changed(places, here), margins
