"""Mixup: rows between two rows (Zhang et al., ICLR 2018), for tables and for models that take no soft labels.

The label is drawn with the weights instead of being mixed, which has the same mean. Numbers lie in between, whole ones
rounded; a category is that of one of the two. What an adversary cannot change, and numbers in a sum that must hold,
stay as they are in the first row.
"""

import numpy as np

from secmlops.attack.evasion.perturbations import Perturbations
from secmlops.runtime.signature import Inputs
from secmlops.training.robust.rows import Labels


def mixed(
    rows: Inputs, target: Labels, allowed: Perturbations, alpha: float, generator: np.random.Generator
) -> tuple[Inputs, Labels]:
    """Mix each of ``rows`` [n] with another, by weights from Beta(alpha, alpha), most of the first; 0 mixes nothing."""
    if not alpha or not len(rows):
        return rows, target
    order = generator.permutation(len(rows))
    weight = generator.beta(alpha, alpha, len(rows))
    weight = np.maximum(weight, 1 - weight)
    own = weight[:, None]
    movable = (allowed.unit > 0) & ~(allowed.sums != 0).any(axis=0)
    between = own * rows.numeric + (1 - own) * rows.numeric[order]
    between = np.where(allowed.integer, np.round(between), between)
    numeric = np.where(movable & ~np.isnan(between), between, rows.numeric).astype(np.float32)
    theirs = np.isfinite(allowed.price) & (generator.random(rows.categorical.shape) >= own)
    categorical = np.where(theirs, rows.categorical[order], rows.categorical)
    labels = np.where(generator.random(len(rows)) < weight, target, target[order])
    return Inputs(numeric, categorical), labels
