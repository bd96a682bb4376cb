"""Rows with their true answers: what a model learns from and is judged by."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs


@dataclass(frozen=True, slots=True)
class Examples:
    """``inputs`` of n rows, ``target`` [n] (int64 class indices, or float64 quantities), ``groups`` [n] texts by name.

    ``groups`` hold the sensitive columns, for controls that compare them; a model sees those that are features too.
    """

    inputs: Inputs
    target: npt.NDArray[np.int64] | npt.NDArray[np.float64]
    groups: Mapping[str, npt.NDArray[np.object_]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = {len(self.inputs), len(self.target), *(len(g) for g in self.groups.values())}
        if len(lengths) != 1:
            raise InputError(f"examples of different lengths: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.inputs)

    def take(self, rows: npt.NDArray[np.intp]) -> "Examples":
        """Return the given rows."""
        return Examples(self.inputs.take(rows), self.target[rows], {n: g[rows] for n, g in self.groups.items()})
