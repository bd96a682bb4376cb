"""A closer look at a rectangle of which a part lacks a class: the same search again, on finer ranges, around it."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from secmlops.data.poisoning.rectangles import Limits, Rectangle, best_rectangles
from secmlops.detect.slices.grid import Axis, axes
from secmlops.runtime.signature import Inputs

FINER = 4
"""Times as finely as before a column is cut: a rectangle and its neighbours, 3 ranges at least, into 12."""

_MOSTLY = 0.5

Matrix = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def closer(
    two_columns: Inputs, grid: tuple[Axis, Axis], found: Rectangle, wanted: tuple[Mask, Matrix], limits: Limits
) -> Iterator[Rectangle]:
    """Best rectangles in and around the one ``found`` on the ``grid``, of which ``two_columns`` [n, 2] has the values.

    ``wanted`` are the event [n] and how much of it is expected [n]. Only those that should be mostly of the class: that
    a small place has none of a class which is rare there anyway is common by nature.
    """
    around = np.flatnonzero(np.logical_and.reduce([_around(axis, found) for axis in grid]))
    one, two = axes(two_columns.take(around))
    event, expected = wanted
    for inner in best_rectangles(one, two, event[around], expected[around], limits):
        rows = around[inner.rows]
        due = float(expected[rows].mean())
        if (1 - due if inner.other else due) >= _MOSTLY:
            yield Rectangle(rows, inner.nats, inner.other)


def _around(axis: Axis, found: Rectangle) -> Mask:
    """Rows [n] in the range of a rectangle and, of a number, in those beside it."""
    held = axis.codes[found.rows]
    beside = 0 if axis.categories else 1
    within: Mask = (axis.codes >= held.min() - beside) & (axis.codes <= held.max() + beside)
    return within
