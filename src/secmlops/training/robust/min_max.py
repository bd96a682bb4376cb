"""Weights of a logistic regression that make the worst change of each row least bad: the min-max problem itself.

The inner problem is closed (see ``reach``), and the loss of a row under its worst change, log(1 + sum of exp(score of
another class against the own one)), is convex in the weights. For two classes it is exact; of more, each rival gets a
worst change of its own, which bounds it from above (Wong and Kolter, "Provable Defenses against Adversarial Examples",
ICML 2018). Its slope is that at the worst change (Danskin's theorem); L-BFGS (Liu and Nocedal 1989) finds the weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from secmlops.attack.evasion.moves import Matrix
from secmlops.training.robust.reach import Reach

_STEPS = 500


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of the class number ``own``: their ``design`` [n, d + 1] with ones at its end, and what may befall them."""

    own: int
    design: Matrix
    reach: Reach

    def kept(self, weights: Matrix) -> npt.NDArray[np.bool_]:
        """Rows [n] that no change within the reach turns, by the ``weights`` [1 or classes, d + 1]."""
        by_class = _by_class(weights)
        kept = np.ones(len(self.design), bool)
        for rival in self._rivals(by_class):
            against = by_class[rival] - by_class[self.own]
            kept &= self.design @ against + self.reach.fall(against[:-1])[0] < 0
        return kept

    def loss(self, by_class: Matrix) -> tuple[float, Matrix]:
        """Sum of the losses under the worst changes, and its slope by the weights [classes, d + 1]."""
        rivals = self._rivals(by_class)
        against = [by_class[rival] - by_class[self.own] for rival in rivals]
        falls = [self.reach.fall(one[:-1]) for one in against]
        scores = np.stack([self.design @ one + fall for one, (fall, _) in zip(against, falls, strict=True)])
        losses = np.logaddexp.reduce(np.concatenate([np.zeros((1, len(self.design))), scores]), axis=0)
        slope = np.zeros_like(by_class)
        for rival, score, (_, fall) in zip(rivals, scores, falls, strict=True):
            share = np.exp(score - losses)
            pull = share @ self.design
            pull[:-1] += fall.slope(share, len(pull) - 1)
            slope[rival] += pull
            slope[self.own] -= pull
        return float(losses.sum()), slope

    def _rivals(self, by_class: Matrix) -> list[int]:
        return [number for number in range(len(by_class)) if number != self.own]


def min_max(parts: Sequence[Part], start: Matrix, penalty: float) -> Matrix:
    """Weights [1 or classes, d + 1] of the least worst loss plus ``penalty / 2`` times their squared norm.

    The search begins at ``start``, of the same shape: one row of weights tells two classes apart.
    """

    def objective(flat: Matrix) -> tuple[float, Matrix]:
        by_class = _by_class(flat.reshape(start.shape))
        total, slope = penalty / 2 * float(flat @ flat), np.zeros_like(by_class)
        for part in parts:
            loss, pull = part.loss(by_class)
            total, slope = total + loss, slope + pull
        return total, slope[-len(start) :].ravel() + penalty * flat

    found = minimize(objective, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    weights: Matrix = np.asarray(found.x, np.float64).reshape(start.shape)
    return weights


def _by_class(weights: Matrix) -> Matrix:
    """Weights of each class: of two, the first has none."""
    return np.concatenate([np.zeros_like(weights), weights]) if len(weights) == 1 else weights
