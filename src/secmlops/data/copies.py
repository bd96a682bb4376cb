"""Numbers rows so that exact copies get the same number."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.data.values import codes, factorise

MOSTLY_DISTINCT = 0.5


def row_codes(columns: Iterable[npt.NDArray[Any]], rows: int) -> npt.NDArray[np.int64]:
    """Code [rows] of each row of ``columns``, each an array [rows] of numbers or texts; equal rows, equal codes."""
    coded = np.zeros(rows, np.int64)
    for values in columns:
        coded = factorise(coded * (rows + 1) + codes(pa.chunked_array([pa.array(values)])))
        if int(coded.max()) + 1 == rows:
            break
    return coded


def is_coarse(coded: npt.NDArray[np.int64]) -> bool:
    """Whether less than half of the rows differ: columns of few values then make rows equal by chance."""
    return int(coded.max()) + 1 < MOSTLY_DISTINCT * len(coded)
