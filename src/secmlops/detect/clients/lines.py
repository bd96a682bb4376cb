"""Whether successive requests lie on one line: who searches along a line puts them there, whatever the steps."""

from enum import Enum, auto

from secmlops.detect.detector import Rows

_PARALLEL = 0.999  # cosine; of three independent directions in three dimensions one in a thousand is as close
_SPREAD = 2.2  # columns that share in a step (participation ratio)
_RETURN = 0.2  # of the longer step


class Course(Enum):
    """How a step continues the one before."""

    STRAIGHT = auto()
    TURNED = auto()
    UNCLEAR = auto()
    """A step changes a column or two only, which is a case tried out; or the last row is the first one again."""


def course(last: Rows, before: Rows, first: Rows) -> Course:
    """How the step to ``last`` continues the one from ``first`` to ``before``; rows float32 [p], standardised."""
    step, earlier = last - before, before - first
    squares, others = step * step, earlier * earlier
    length, other = float(squares.sum()), float(others.sum())
    if length * length < _SPREAD * float(squares @ squares) or other * other < _SPREAD * float(others @ others):
        return Course.UNCLEAR
    along = float(step @ earlier)
    if not length or not other or length + other + 2 * along < _RETURN * _RETURN * max(length, other):
        return Course.UNCLEAR
    return Course.STRAIGHT if along * along > _PARALLEL * _PARALLEL * length * other else Course.TURNED
