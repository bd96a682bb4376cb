"""Finds rows that are copies of each other, and tells them from rows that are equal by chance."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.data.values import codes, factorise

_MOSTLY_DISTINCT = 0.5
_CROWD_ROWS = 50
_CROWD_SHARE = 0.05
_DEPENDENCE = 10.0


@dataclass(frozen=True, slots=True)
class Copies:
    """``codes`` [n], equal for equal rows; ``by_chance`` [n] where that equality says nothing.

    It says nothing for rows of which more than fifty, and more than one in twenty, are equal; and for all rows where
    less than half of the others differ, and the pairs that are equal are not far more (ten times, to allow for columns
    that go together) than independent columns of such values would bring.
    """

    codes: npt.NDArray[np.int64]
    by_chance: npt.NDArray[np.bool_]


def find_copies(columns: Iterable[npt.NDArray[Any]], rows: int) -> Copies:
    """Compare the ``rows`` rows of ``columns``, each an array [rows] of numbers or texts, value by value."""
    coded = np.zeros(rows, np.int64)
    collision = 1.0
    for values in columns:
        column = codes(pa.chunked_array([pa.array(values)]))
        collision *= float(np.sum((np.bincount(column) / rows) ** 2))
        coded = factorise(coded * (rows + 1) + column)
        if int(coded.max()) + 1 == rows:
            break
    return Copies(coded, _by_chance(coded, collision))


def _by_chance(coded: npt.NDArray[np.int64], collision: float) -> npt.NDArray[np.bool_]:
    rows = len(coded)
    sizes = np.bincount(coded)
    crowded: npt.NDArray[np.bool_] = sizes[coded] > max(_CROWD_ROWS, _CROWD_SHARE * rows)
    coarse = len(np.unique(coded[~crowded])) < _MOSTLY_DISTINCT * np.count_nonzero(~crowded)
    equal_pairs = float(np.sum(sizes * (sizes - 1.0)))
    if coarse and equal_pairs <= _DEPENDENCE * collision * rows * (rows - 1):
        return np.ones(rows, bool)
    return crowded
