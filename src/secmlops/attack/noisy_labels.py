"""Membership from labels alone: rows that a model learned from keep their label under more noise.

Choquette-Choo et al., "Label-Only Membership Inference Attacks" (ICML 2021), section 4.3, with random noise in place of
a walk to the boundary.
"""

import numpy as np
import numpy.typing as npt

from secmlops.attack.membership import Candidates
from secmlops.attack.oracle import Oracle
from secmlops.runtime.signature import Inputs

Matrix = npt.NDArray[np.float64]
_LEVELS = (0.05, 0.1, 0.2, 0.4)


def steadiness(oracle: Oracle, candidates: Candidates, copies: int, generator: np.random.Generator) -> Matrix:
    """Score [n]: share of ``copies`` noisy copies of each row that are still given its true label.

    Numbers get normal noise of 0.05 to 0.4 of their column's standard deviation, texts of another row with as large a
    chance. It costs ``copies`` queries a row, and one.
    """
    inputs, rows = candidates.inputs, np.arange(len(candidates))
    spread = np.nan_to_num(np.nanstd(inputs.numeric, axis=0)) if inputs.numeric.size else np.empty(0)
    kept = (oracle(inputs).argmax(axis=1) == candidates.target).astype(np.float64)
    for copy in range(copies):
        level = _LEVELS[copy % len(_LEVELS)]
        noise = generator.normal(size=inputs.numeric.shape) * spread * level
        others = inputs.categorical[generator.permutation(rows)]
        swapped = np.where(generator.random(inputs.categorical.shape) < level, others, inputs.categorical)
        noisy = Inputs((inputs.numeric + noise).astype(np.float32), swapped)
        kept += oracle(noisy).argmax(axis=1) == candidates.target
    share: Matrix = kept / (copies + 1)
    return share
