"""Forgetting in logistic regression by one Newton step, with a bound on what is left (Guo et al., ICML 2020).

The objective is the sum of the logistic losses plus ``penalty / 2`` times the squared norm of all weights; an intercept
is the weight of a column of ones in the design. Its gradient at the new weights is the residual: 0 would be the weights
of training again. The bound is that of Certified Data Removal from Machine Learning Models, theorem 1 and corollary 2,
with the constants of this loss: its second derivative has a slope of at most 1 / (6 sqrt 3), and along the step the
change is integrated, which halves it. No noise is added: this bounds the distance of the weights, and is no
(epsilon, delta) promise.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError

Matrix = npt.NDArray[np.float64]
SLOPE = 1 / (6 * np.sqrt(3))
"""Largest slope of the second derivative of the logistic loss."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """``weights`` [d] after the step; ``residual``, the norm of the gradient there, was promised below ``bound``.

    ``distance`` bounds how far, in Euclidean norm, the weights are from those of training again without the rows.
    """

    weights: Matrix = field(repr=False)
    residual: float
    bound: float
    distance: float


def newton_step(weights: Matrix, design: Matrix, target: Matrix, penalty: float) -> Forgotten:
    """One Newton step from ``weights`` [d], learnt with rows that are gone, on the rows that stay: design [n, d].

    ``target`` [n] holds 0 and 1. Raises InputError for a penalty that is not positive.
    """
    if penalty <= 0:
        raise InputError("the penalty is positive")
    step = np.linalg.solve(_hessian(weights, design, penalty), -gradient(weights, design, target, penalty))
    moved = design @ step
    reach = float(np.abs(moved).max(initial=0.0))
    bound = float(SLOPE / 2 * np.linalg.norm(design, 2) * reach * np.linalg.norm(moved))
    after: Matrix = weights + step
    residual = float(np.linalg.norm(gradient(after, design, target, penalty)))
    return Forgotten(after, residual, bound, residual / penalty)


def fit(design: Matrix, target: Matrix, penalty: float, tolerance: float = 1e-10) -> Matrix:
    """Weights [d] at which the gradient is at most ``tolerance`` in norm: training again, the reference of the step.

    Newton's method with steps that are halved until they help. Raises InputError when it does not arrive.
    """
    weights = np.zeros(design.shape[1])
    for _ in range(100):
        slope = gradient(weights, design, target, penalty)
        if np.linalg.norm(slope) <= tolerance:
            return weights
        step, length = np.linalg.solve(_hessian(weights, design, penalty), -slope), 1.0
        here = objective(weights, design, target, penalty)
        here += 1e-12 * abs(here)  # near the end, steps help less than rounding shows
        while length > 1e-6 and objective(weights + length * step, design, target, penalty) > here:
            length /= 2
        weights = weights + length * step
    raise InputError("the logistic regression does not converge", hint="raise the penalty, or the tolerance")


def objective(weights: Matrix, design: Matrix, target: Matrix, penalty: float) -> float:
    """Sum of the losses and of the penalty."""
    scores = design @ weights
    return float(np.logaddexp(0, scores).sum() - target @ scores + penalty / 2 * weights @ weights)


def gradient(weights: Matrix, design: Matrix, target: Matrix, penalty: float) -> Matrix:
    """Gradient [d] of the objective."""
    slope: Matrix = design.T @ (_probabilities(design @ weights) - target) + penalty * weights
    return slope


def _hessian(weights: Matrix, design: Matrix, penalty: float) -> Matrix:
    p = _probabilities(design @ weights)
    curvature: Matrix = (design * (p * (1 - p))[:, None]).T @ design + penalty * np.eye(design.shape[1])
    return curvature


def _probabilities(scores: Matrix) -> Matrix:
    likely: Matrix = 0.5 * (1 + np.tanh(scores / 2))
    return likely
