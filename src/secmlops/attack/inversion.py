"""Model inversion: rows that a model takes for the very picture of a class, found by climbing its score.

Fredrikson, Jha and Ristenpart (CCS 2015) climb slopes of an image; rows of a table are climbed by trial, within the
ranges and categories that are known of its columns, and along the slope where there is one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.attack.imitation import Matrix, Space
from secmlops.attack.oracle import Oracle, Outputs
from secmlops.runtime.signature import Inputs

Slope = Callable[[Inputs, Callable[[Outputs], Outputs]], Matrix]
"""Derivative [n, p] by the numbers; the second argument is that of what is made larger, by the answers [n, k]."""

_FLOOR = 1e-12
_LARGEST, _SMALLEST = 1.0, 0.02
"""Steps, in standard deviations of a column: the first, and the last."""
_MOVED = 1 / 3
"""Share of the columns that a trial moves."""


@dataclass(frozen=True, slots=True)
class Climb:
    """How long is climbed: ``rounds`` of ``trials`` for each row."""

    rounds: int = 30
    trials: int = 8


@dataclass(frozen=True, slots=True)
class Hill:
    """What is climbed: a model's scores over the ``space`` of its inputs, with their slope where there is one."""

    oracle: Oracle
    space: Space
    slope: Slope | None = None


def reconstruct(hill: Hill, start: Inputs, target: npt.NDArray[np.int64], climb: Climb) -> tuple[Inputs, Matrix]:
    """Rows [n] that climbed from ``start`` towards a higher score of their ``target`` class int64 [n], and it."""
    generator = np.random.default_rng(len(start))
    best, rows = start, np.arange(len(start))
    height = hill.oracle(best)[rows, target]
    for step in np.geomspace(_LARGEST, _SMALLEST, climb.rounds):
        tried = _trials(best, hill.space, (float(step), climb.trials), generator)
        if hill.slope is not None:
            tried.numeric[-len(rows) :] = _uphill(hill.slope, best, target, float(step) * hill.space.spread)
            np.clip(tried.numeric, hill.space.low, hill.space.high, out=tried.numeric)
            tried.categorical[-len(rows) :] = best.categorical
        heights = hill.oracle(tried).reshape(climb.trials, len(rows), -1)[:, rows, target]
        chosen = heights.argmax(axis=0)
        higher = heights[chosen, rows] > height
        taken = tried.take(chosen * len(rows) + rows)
        best = Inputs(
            np.where(higher[:, None], taken.numeric, best.numeric),
            np.where(higher[:, None], taken.categorical, best.categorical),
        )
        height = np.where(higher, heights[chosen, rows], height)
    return best, height


def _trials(rows: Inputs, space: Space, how: tuple[float, int], generator: np.random.Generator) -> Inputs:
    """Each row moved at random, so many times over: [trials * n], one trial of all rows after the other."""
    step, trials = how
    whole = rows.take(np.tile(np.arange(len(rows)), trials))
    moved = generator.random(whole.numeric.shape) < max(_MOVED, 1 / max(1, len(space.low)))
    shift = np.where(moved, step * space.spread * generator.normal(size=whole.numeric.shape), 0.0)
    numeric = np.clip(whole.numeric + shift, space.low, space.high).astype(np.float32)
    other = space.draw(len(whole), generator).categorical
    changed = generator.random(other.shape) < _MOVED * step
    return Inputs(numeric, np.where(changed, other, whole.categorical))


def _uphill(slope: Slope, rows: Inputs, target: npt.NDArray[np.int64], step: Matrix) -> Matrix:
    """Numbers of the rows, a ``step`` [p] along the slope of the log score of their class."""

    def pull(outputs: Outputs) -> Outputs:
        weight = np.zeros_like(outputs)
        places = np.arange(len(outputs)), target
        weight[places] = 1 / np.maximum(outputs[places], _FLOOR)
        return weight

    found = np.nan_to_num(slope(rows, pull) * step)
    length = np.maximum(np.linalg.norm(found, axis=1, keepdims=True), _FLOOR)
    climbed: Matrix = rows.numeric + step * found / length * len(step) ** 0.5
    return climbed
