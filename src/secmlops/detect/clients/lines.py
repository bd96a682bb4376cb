"""Whether successive requests lie on one line: who searches along a line puts them there, whatever the steps."""

from typing import NamedTuple

import numpy as np

from secmlops.detect.detector import Rows

_PARALLEL = 0.999  # cosine; of two independent directions in three dimensions one in a thousand is as close
_SPREAD = 2.2  # columns that share in a step (participation ratio)
_RETURN = 0.2  # of the longer step


class Step(NamedTuple):
    """From one request to the next: float32 [p] in standard deviations, and its squared length."""

    change: Rows
    square: float

    @classmethod
    def between(cls, first: Rows, last: Rows) -> "Step":
        """Step from ``first`` to ``last``, float32 [p]."""
        change: Rows = last - first
        return cls(change, float(np.dot(change, change)))


def straight(step: Step, earlier: Step) -> bool:
    """Whether a step goes on along the line of the earlier one, forwards or backwards, in more than a column or two.

    One or two columns are a case tried out. A step back to where the earlier one began is two cases asked in turn.
    """
    along = float(np.dot(step.change, earlier.change))
    if along * along <= _PARALLEL * _PARALLEL * step.square * earlier.square:
        return False
    back = step.square + earlier.square + 2 * along
    if back < _RETURN * _RETURN * max(step.square, earlier.square):
        return False
    return _columns(step) > _SPREAD and _columns(earlier) > _SPREAD


def _columns(step: Step) -> float:
    """Effective number of columns that a step changes."""
    squares = step.change * step.change
    return step.square * step.square / float(np.dot(squares, squares))
