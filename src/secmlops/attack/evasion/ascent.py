"""Slopes in the units of cost, steps along them, and the ball of changes that a budget pays for.

What is made larger is the log-odds of the likeliest wrong class against the right one: unlike probabilities, they do
not flatten where the model is sure. Of a quantity, it is the distance from the model's own prediction.
"""

from dataclasses import dataclass

import numpy as np

from secmlops.attack.evasion.attack import Gradient
from secmlops.attack.evasion.hunt import Hunt
from secmlops.attack.evasion.moves import Matrix, Moves, Places
from secmlops.attack.evasion.perturbations import Norm
from secmlops.attack.oracle import Outputs

_FLOOR = 1e-200
_TINY = 1e-30


@dataclass(frozen=True, slots=True)
class Aim:
    """What is made larger: the log-odds, or with ``scores`` just the score, of a wrong class against the right one.

    Scores of a surrogate need not be probabilities. Of the wrong classes it is the likeliest but ``rank`` others.
    """

    scores: bool = False
    rank: int = 0


LIKELIEST = Aim()


def slope(hunt: Hunt, gradient: Gradient, places: Places, moves: Moves, aim: Aim = LIKELIEST) -> tuple[Matrix, Matrix]:
    """Slope [m, p] by the shifts of what is made larger, and its value [m]: above 0 the row evades.

    Each row counts as one query. Categories have no slope, and neither has a number that is missing.
    """
    hunt.count(places)
    return slope_of(hunt, gradient, places, moves, aim)


def slope_of(hunt: Hunt, gradient: Gradient, places: Places, moves: Moves, aim: Aim) -> tuple[Matrix, Matrix]:
    """Return the same of any model's ``gradient``, without a query."""
    value = np.empty(len(places))

    def pull(outputs: Outputs) -> Outputs:
        value[:], weight = _larger(hunt, places, outputs, aim)
        return weight

    found = gradient(hunt.changed(places, moves), pull)
    usable = np.where(hunt.free[places], np.nan_to_num(found * hunt.allowed.unit, posinf=0.0, neginf=0.0), 0.0)
    return usable, value


def unit_step(norm: Norm, slopes: Matrix) -> Matrix:
    """Step [m, p] of cost 1 that gains most along the ``slopes`` [m, p]; none where they are flat."""
    if norm is Norm.LINF:
        signs: Matrix = np.sign(slopes)
        return signs
    length = np.linalg.norm(slopes, axis=1, keepdims=True)
    step: Matrix = slopes / np.maximum(length, _TINY)
    return step


def within(norm: Norm, shift: Matrix, budget: Matrix) -> Matrix:
    """Nearest shifts [m, p] that the ``budget`` [m] pays for."""
    if norm is Norm.LINF:
        clipped: Matrix = np.clip(shift, -budget[:, None], budget[:, None])
        return clipped
    length = np.linalg.norm(shift, axis=1)
    shrunk: Matrix = shift * np.minimum(1.0, budget / np.maximum(length, _TINY))[:, None]
    return shrunk


def random_shift(hunt: Hunt, places: Places, budget: Matrix, generator: np.random.Generator) -> Matrix:
    """Shifts [m, p] drawn from the ball of the ``budget`` [m]: uniform of ``linf``, uniform in direction of ``l2``."""
    shape = (len(places), hunt.free.shape[1])
    if hunt.allowed.norm is Norm.LINF:
        drawn = generator.uniform(-1, 1, shape)
    else:
        drawn = unit_step(Norm.L2, generator.normal(size=shape) * hunt.free[places])
        drawn *= generator.random((len(places), 1))
    return np.where(hunt.free[places], drawn * budget[:, None], 0.0)


def _larger(hunt: Hunt, places: Places, outputs: Outputs, aim: Aim) -> tuple[Matrix, Outputs]:
    """What is made larger [m], and its derivative by the outputs [m, k]."""
    truth = hunt.targets.truth[places]
    weight = np.zeros_like(outputs)
    if truth.dtype.kind == "f":
        apart = outputs[:, 0] - truth
        weight[:, 0] = np.where(apart < 0, -1.0, 1.0)
        return np.abs(apart) - hunt.targets.shift, weight
    rows = np.arange(len(outputs))
    others = outputs.copy()
    others[rows, truth] = -np.inf
    wrong = others.argmax(axis=1) if not aim.rank else np.argsort(-others, axis=1)[:, aim.rank]
    if aim.scores:
        weight[rows, truth], weight[rows, wrong] = -1.0, 1.0
        return outputs[rows, wrong] - outputs[rows, truth], weight
    own, other = (np.maximum(outputs[rows, column], _FLOOR) for column in (truth, wrong))
    weight[rows, truth], weight[rows, wrong] = -1 / own, 1 / other
    return np.log(other) - np.log(own), weight
