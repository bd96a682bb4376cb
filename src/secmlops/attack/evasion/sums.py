"""Sums that must hold: the nearest change of a row that leaves them, its bounds and its whole numbers in place.

Bounds and sums are met by alternating projections (von Neumann; Boyle and Dykstra, 1986, give the nearest point; ours
stops at a near one), whole numbers by rounding to the largest remainders, which keeps a total.
"""

import numpy as np

from secmlops.attack.evasion.moves import Mask, Matrix
from secmlops.attack.evasion.perturbations import Perturbations

_ROUNDS = 20
_TOLERANCE = 1e-6


def sums_hold(allowed: Perturbations, shift: Matrix) -> Mask:
    """Whether all sums stay what they were under ``shift`` [n, p], within rounding: bool [n]."""
    if not len(allowed.sums):
        return np.ones(len(shift), bool)
    weights = allowed.sums * allowed.unit
    most = _TOLERANCE * np.maximum(np.abs(weights).sum(axis=1), 1e-12)
    held: Mask = (np.abs(shift @ weights.T) <= most).all(axis=1)
    return held


def hold_sums(allowed: Perturbations, shift: Matrix, bounds: tuple[Matrix, Matrix]) -> Matrix:
    """Shifts [n, p] near the given ones that keep sums and ``bounds`` (both [n, p]); not everywhere is there one."""
    return _alternated(allowed, shift, bounds, bounds[1] > bounds[0])


def whole_steps(allowed: Perturbations, shift: Matrix, bounds: tuple[Matrix, Matrix]) -> Matrix:
    """Shifts [n, p] whose integer columns move by whole steps, near ones that keep the sums."""
    low, high = bounds
    whole = allowed.integer & (allowed.unit > 0)
    unit = np.where(allowed.unit > 0, allowed.unit, 1.0)
    steps = shift * unit
    for row in allowed.sums:
        columns = np.flatnonzero(whole & (row != 0))
        if len(columns) and len(columns) == np.count_nonzero(row) and (row[columns] == row[columns[0]]).all():
            steps[:, columns] = _largest_remainders(steps[:, columns])
    shift = np.clip(np.where(whole, np.round(steps) / unit, shift), low, high)
    return _alternated(allowed, shift, bounds, (high > low) & ~whole) if len(allowed.sums) else shift


def _alternated(allowed: Perturbations, shift: Matrix, bounds: tuple[Matrix, Matrix], movable: Mask) -> Matrix:
    """Go back and forth between the sums and the bounds, with the ``movable`` numbers [n, p] only."""
    weights = allowed.sums * allowed.unit
    for _ in range(_ROUNDS):
        before = shift
        for weight in weights:
            own = np.where(movable, weight, 0.0)
            length = np.maximum((own * own).sum(axis=1), 1e-30)
            shift = shift - own * ((shift @ weight) / length)[:, None]
        shift = np.where(movable, np.clip(shift, *bounds), shift)
        if np.abs(shift - before).max(initial=0.0) < 1e-12:
            break
    return shift


def _largest_remainders(steps: Matrix) -> Matrix:
    """Whole numbers [n, c] that add up, in each row, to the rounded total of ``steps``."""
    floors = np.floor(steps + 1e-9)
    missing = np.round(steps.sum(axis=1)) - floors.sum(axis=1)
    rank = np.argsort(np.argsort(floors - steps, axis=1, kind="stable"), axis=1, kind="stable")
    whole: Matrix = floors + (rank < missing[:, None])
    return whole
