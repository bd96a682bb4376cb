"""Whether successive requests lie on one line: who searches along a line puts them there, whatever the steps."""

import numpy as np
import numpy.typing as npt

from secmlops.detect.detector import Rows

_PARALLEL = 0.999  # cosine; of two independent directions in three dimensions one in a thousand is as close
_SPREAD = 2.2  # columns that share in a step (participation ratio)
_RETURN = 0.2  # of the longer step
_HALF = 0.02  # how near to one half the ratio of two steps of a bisection is


def straight(steps: Rows, earlier: Rows) -> npt.NDArray[np.bool_]:
    """Whether each step [n, p] goes on along the line of the earlier one, forwards or backwards: bool [n].

    Columns are numeric features in standard deviations; a step of NaN is none. One or two columns are a case tried
    out: there only a step of half the length counts, as in a bisection. A step back to where the earlier one began is
    two cases asked in turn.
    """
    square, before, along = np.vecdot(steps, steps), np.vecdot(earlier, earlier), np.vecdot(steps, earlier)
    lie: npt.NDArray[np.bool_] = along * along > _PARALLEL * _PARALLEL * square * before
    if lie.any():
        lie[lie] = _goes_on(steps[lie], earlier[lie])
    return lie


def _goes_on(steps: Rows, earlier: Rows) -> npt.NDArray[np.bool_]:
    """Whether steps parallel to the earlier ones are more than a case tried out, or two in turn."""
    square, before, along = np.vecdot(steps, steps), np.vecdot(earlier, earlier), np.vecdot(steps, earlier)
    returns = square + before + 2 * along < _RETURN * _RETURN * np.maximum(square, before)
    many = (_columns(steps, square) > _SPREAD) & (_columns(earlier, before) > _SPREAD)
    halved = np.abs(np.sqrt(square) - 0.5 * np.sqrt(before)) < 0.5 * _HALF * np.sqrt(before)
    more: npt.NDArray[np.bool_] = ~returns & (many | halved)
    return more


def _columns(steps: Rows, square: Rows) -> Rows:
    """Effective number of columns that each step, none of them zero, changes."""
    columns: Rows = square * square / np.vecdot(steps * steps, steps * steps)
    return columns
