"""Gradient descent over all rows with normal noise in each step, for linear models: private, and accounted exactly.

Rows are clipped in norm (a longer one is shortened), and the derivative of the loss by a score is bounded: so one row
changes the sum of the gradients by at most the product of both bounds, and each step is a Gaussian mechanism (Song,
Chaudhuri and Sarwate 2013; Bassily, Smith and Thakurta 2014; with the accounting of Dong, Roth and Su 2019). The number
of rows is not public: it is looked up once, with noise.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.training.private.noise import Noise, Numbers
from secmlops.training.private.plan import Plan

_PENALTY = 5.0
"""L2 penalty beside the curvature, times the noise of a step beside the number of rows."""
_LEAST_PENALTY, _MOST_PENALTY = 3e-4, 0.1
_CLEAR = 3000.0
"""Rows to noise at which steps take the whole momentum: with less, momentum gathers more noise than way."""
_MOMENTUM = 0.9


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss of k scores: its derivative [n, k] by these, its largest norm in a row, and its largest curvature."""

    derivative: Callable[[Numbers], Numbers]
    widest: float
    curvature: float
    outputs: int


def logistic(target: npt.NDArray[np.int64], classes: int) -> Loss:
    """Log loss of class indices [n]: one score for two classes, else as many as classes."""
    if classes == 2:
        return Loss(lambda scores: _sigmoid(scores) - target[:, None], 1.0, 0.25, 1)
    truth = np.eye(classes)[target]
    return Loss(lambda scores: _softmax(scores) - truth, math.sqrt(2), 0.5, classes)


def huber(target: Numbers) -> Loss:
    """Huber's loss of quantities [n] between -1 and 1: squared up to an error of 1, then linear (Huber 1964)."""
    return Loss(lambda scores: np.clip(scores - target[:, None], -1.0, 1.0), 1.0, 1.0, 1)


def descend(design: Numbers, loss: Loss, plan: Plan, rows: float, noise: Noise) -> Numbers:
    """Weights [k, d] for the ``design`` [n, d], mean of those of the later half of the steps.

    ``rows`` is the noisy number of rows; step, penalty and momentum come from it and from the plan.
    """
    design = clipped(design, plan.clip_norm)
    scale = plan.noise_multiplier * plan.rows_per_person * plan.clip_norm * loss.widest
    steepest = loss.curvature * plan.clip_norm**2
    noise_to_rows = plan.noise_multiplier * plan.rows_per_person / math.sqrt(plan.steps) / rows
    penalty = min(_MOST_PENALTY, max(_LEAST_PENALTY, _PENALTY * noise_to_rows)) * steepest
    momentum = _MOMENTUM * min(1.0, 1 / (_CLEAR * noise_to_rows)) if noise_to_rows else _MOMENTUM
    weights = np.zeros((loss.outputs, design.shape[1]))
    moved, total, later = np.zeros_like(weights), np.zeros_like(weights), plan.steps // 2
    for step in range(plan.steps):
        gradient = noise.add(loss.derivative(design @ weights.T).T @ design, scale) / rows + penalty * weights
        moved = momentum * moved - gradient / steepest
        weights = weights + moved
        total += weights if step >= later else 0.0
    return total / (plan.steps - later)


def clipped(design: Numbers, norm: float) -> Numbers:
    """The design [n, d] with every row that is longer than ``norm`` shortened to it."""
    lengths = np.linalg.norm(design, axis=1, keepdims=True)
    shortened: Numbers = design * (norm / np.maximum(lengths, norm))
    return shortened


def _sigmoid(scores: Numbers) -> Numbers:
    chances: Numbers = 1 / (1 + np.exp(-np.clip(scores, -500, 500)))
    return chances


def _softmax(scores: Numbers) -> Numbers:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Numbers = powers / powers.sum(axis=1, keepdims=True)
    return shares
