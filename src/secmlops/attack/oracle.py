"""What an attacker has of a model: it answers."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from secmlops.runtime.signature import Inputs

Outputs: TypeAlias = npt.NDArray[np.float64]
"""Probabilities [n, k] of a classifier, or predictions [n, 1] of a regressor."""

Oracle: TypeAlias = Callable[[Inputs], Outputs]
"""Answers to rows, as an outsider sees them."""
