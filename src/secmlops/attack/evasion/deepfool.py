"""DeepFool: to the boundary of the linear model that touches the real one, again and again.

Moosavi-Dezfooli, Fawzi and Frossard, "DeepFool: A Simple and Accurate Method to Fool Deep Neural Networks" (CVPR 2016):
of the likeliest wrong classes it goes to the one whose boundary is nearest by the slopes. On a linear model one step
finds the distance.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from secmlops.attack.evasion.ascent import Aim, slope
from secmlops.attack.evasion.attack import Gradient, Kind, Knowledge
from secmlops.attack.evasion.climbing import obstacle_of
from secmlops.attack.evasion.hunt import Hunt
from secmlops.attack.evasion.moves import Matrix, Moves, Places
from secmlops.attack.evasion.perturbations import Norm
from secmlops.attack.evasion.starts import nearer

_TINY = 1e-30


@dataclass(frozen=True, slots=True)
class DeepFool:
    """At most ``steps`` steps, each longer than the linear model asks for by the share ``overshoot``.

    Of the wrong classes the ``classes`` likeliest are looked at; each costs a query.
    """

    name: ClassVar[str] = "deepfool"
    kind: ClassVar[Kind] = Kind.GRADIENT

    steps: int = 50
    overshoot: float = 0.02
    halvings: int = 8
    classes: int = 4

    def obstacle(self, hunt: Hunt, knowledge: Knowledge, /) -> str:
        """Say why there is nothing to climb along."""
        return obstacle_of(hunt, knowledge)

    def run(self, hunt: Hunt, knowledge: Knowledge, generator: np.random.Generator, /) -> None:
        """Step from each row until it evades, then go back to the boundary."""
        if knowledge.gradient is None:
            return
        looked = min(self.classes, max(1, knowledge.outputs.shape[1] - 1))
        places = hunt.open_rows(looked + 1)
        moves = hunt.unchanged(places)
        for _ in range(self.steps):
            steps = [self._step(hunt, knowledge.gradient, places, moves, Aim(rank=rank)) for rank in range(looked)]
            lengths = [hunt.allowed.cost(Moves(step, moves.codes)) for step in steps]
            known = [np.where(length > 0, length, np.inf) for length in lengths]  # a flat slope leads nowhere
            nearest = np.stack(steps)[np.argmin(known, axis=0), np.arange(len(places))]
            moves, margins = hunt.ask(places, Moves(moves.shift + (1 + self.overshoot) * nearest, moves.codes))
            going = (margins >= 0) & (hunt.queries[places] + looked + 1 <= hunt.limit)
            places, moves = places[going], moves.take(going)
            if not len(places):
                break
        found = np.flatnonzero(np.isfinite(hunt.cost) & (hunt.cost > 0) & (hunt.queries + self.halvings <= hunt.limit))
        if len(found):
            nearer(hunt, found, hunt.best.take(found), self.halvings)

    def _step(self, hunt: Hunt, gradient: Gradient, places: Places, moves: Moves, aim: Aim) -> Matrix:
        """Step [m, p] to the boundary of the linear model, along what the bounds leave open."""
        slopes, value = slope(hunt, gradient, places, moves, aim)
        blocked = (moves.shift <= hunt.low[places]) & (slopes < 0) | (moves.shift >= hunt.high[places]) & (slopes > 0)
        return _onto(hunt.allowed.norm, np.where(blocked, 0.0, slopes), value)


def _onto(norm: Norm, slopes: Matrix, value: Matrix) -> Matrix:
    """Cheapest shift [m, p] after which linear models of these ``slopes`` have the value 0."""
    if norm is Norm.LINF:
        length = np.abs(slopes).sum(axis=1)
        slopes = np.sign(slopes)
    else:
        length = np.einsum("np,np->n", slopes, slopes)
    onto: Matrix = slopes * (-value / np.maximum(length, _TINY))[:, None]
    return onto
