"""Rectangles over two columns that hold too few rows of a class, all of them tried at once.

They are compared with what is expected as the spatial scan statistic does (Kulldorff 1997).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.detect.slices.grid import Axis, rectangles

Matrix = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
Counts = Matrix | npt.NDArray[np.int64] | np.float64 | np.int64

NATS_PER_ROW = 0.55
"""Evidence for each row that should be of the class; slices of honest tables reach about a half."""
LEFT = 0.5
"""Largest share of the expected rows of the class that a slice still holds."""
MOST_SHARE = 0.45
_LEAST_EXPECTED = 8.0
_DULL = 5.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a slice may be: at most so many rows, the share of its class that is ``left``, evidence for each row."""

    rows: float
    left: float = LEFT
    nats_per_row: float = NATS_PER_ROW


@dataclass(frozen=True, slots=True, eq=False)
class Rectangle:
    """``rows`` of a rectangle, and its evidence in ``nats``; ``other`` where it lacks the rest instead of the event."""

    rows: Rows
    nats: float
    other: bool


def best_rectangles(
    one: Axis, two: Axis, event: npt.NDArray[np.bool_], expected: Matrix, limits: Limits
) -> Iterator[Rectangle]:
    """Rectangle that most lacks the ``event`` [n], and the one that most lacks all else, if they may be slices."""
    rows, held, due = rectangles(one, two, (None, event, expected))
    for other, present, wanted in ((False, held, due), (True, rows - held, rows - due)):
        nats = deficit(rows, present, wanted)
        fits = (wanted >= _LEAST_EXPECTED) & (present <= limits.left * wanted) & (rows <= limits.rows)
        nats[~fits | (nats < np.maximum(_DULL, limits.nats_per_row * wanted))] = 0
        first, second = np.unravel_index(int(nats.argmax()), nats.shape)
        if nats[first, second] > 0:
            members = one.within(int(first)) & two.within(int(second))
            yield Rectangle(np.flatnonzero(members), float(nats[first, second]), other)


def rectangle_count(one: Axis, two: Axis) -> int:
    """Number of rectangles that are tried."""
    return len(one.starts) * len(two.starts)


def deficit(rows: Counts, held: Counts, due: Counts) -> Matrix:
    """Log likelihood ratio of so few ``held`` of the ``rows`` where ``due`` were expected, in nats."""
    size = np.maximum(rows, 1)
    share, usual = held / size, (due / size).clip(1e-9, 1 - 1e-9)
    lacking = (1 - share) * np.log(((1 - share) / (1 - usual)).clip(1e-9))
    holding = share * np.log((share / usual).clip(1e-9))
    nats: Matrix = np.where(share < usual, size * (lacking + holding), 0.0)
    return nats
