"""Weighs quasi-identifiers by what they tell of the label, so that cuts keep it predictable."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from secmlops.data.anonymise.attribute import Attribute, Quantity
from secmlops.data.anonymise.cells import Codes

_QUANTILES = 16


def weigh(attributes: Sequence[Attribute], label: Codes, strength: float) -> tuple[Attribute, ...]:
    """The attributes with their weights multiplied by their share of the mutual information with ``label`` [rows].

    ``strength``, 0 to 1, says how far: with 1 a quasi-identifier that tells nothing of the label has no weight. Where
    none tells anything, all keep their weights.
    """
    told = np.array([mutual_information(_coarse(attribute), label) for attribute in attributes])
    if not told.sum():
        return tuple(attributes)
    factors = (1 - strength) + strength * len(attributes) * told / told.sum()
    pairs = zip(attributes, factors.tolist(), strict=True)
    return tuple(replace(attribute, weight=attribute.weight * factor) for attribute, factor in pairs)


def mutual_information(left: Codes, right: Codes) -> float:
    """Nats that two columns of codes [rows] tell of each other, less what chance would show (Miller, 1955)."""
    rows, columns = int(left.max()) + 1, int(right.max()) + 1
    counts = np.bincount(left.astype(np.int64) * columns + right, minlength=rows * columns).reshape(rows, columns)
    joint = counts / counts.sum()
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    seen = joint > 0
    told = float(np.sum(joint[seen] * np.log(joint[seen] / apart[seen])))
    chance = (rows - 1) * (columns - 1) / (2 * len(left))
    return max(0.0, told - chance)


def _coarse(attribute: Attribute) -> Codes:
    """Codes of names as they are; of numbers the sixteenth of the rows in which they lie."""
    if not isinstance(attribute, Quantity):
        return attribute.codes
    below = np.cumsum(np.bincount(attribute.codes, minlength=attribute.domain))
    sixteenth = (below - 1) * _QUANTILES // len(attribute.codes)
    _, places = np.unique(sixteenth, return_inverse=True)
    return places.astype(np.int32)[attribute.codes]
