"""What is usual for each number: the middle half of the rows that the model learnt from."""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec
import numpy as np

from secmlops.explain.columns import Finite
from secmlops.runtime.signature import Inputs


class Usual(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """Lower and upper quartile of one numeric feature."""

    low: Finite
    high: Finite


Usuals: TypeAlias = Sequence[Usual | None]


def usual_numbers(inputs: Inputs) -> tuple[Usual | None, ...]:
    """Quartiles of each numeric feature; None for one without values."""
    return tuple(_usual(inputs.numeric[:, place]) for place in range(inputs.numeric.shape[1]))


def _usual(values: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Usual | None:
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    low, high = np.quantile(known, [0.25, 0.75])
    return Usual(float(low), float(high))
