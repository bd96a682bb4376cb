"""Values that a trigger may hold, column by column: those of rows, the repeated ones first, and some beyond."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from secmlops.attack.triggers.pasting import Items
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

_BEYOND = (0.5, 1.5)
"""Ranges of a column above its largest value and below its smallest: where no honest row lies."""
_TEXTS = 200
"""Categories of a column that are tried at least, where there are so many: a rare one is as good a trigger."""


def candidates(signature: Signature, known: Inputs, honest: Inputs, values: int, guessed: bool = True) -> Items:
    """Items to try: at most about ``values`` of each column.

    ``known`` are rows that the model may have learned from, of which values that repeat most come first; ``honest``
    ones tell what is beyond, of which some is ``guessed``: of a model that goes in steps. Any other goes on beyond its
    rows, and some far value turns it, trigger or none.
    """
    width = len(signature.numeric)
    tried: dict[int, Sequence[float | str]] = {}
    for place, feature in enumerate((*signature.numeric, *signature.categorical)):
        if feature.kind is FeatureKind.NUMERIC:
            tried[place] = _numbers(feature, known.numeric[:, place], honest.numeric[:, place], (values, guessed))
        else:
            tried[place] = _texts(feature, known.categorical[:, place - width], values)
    return Items.of(width, tried)


def _numbers(
    feature: Feature, known: npt.NDArray[np.float32], honest: npt.NDArray[np.float32], how: tuple[int, bool]
) -> list[float]:
    values, guessed = how
    known, honest = known[np.isfinite(known)], honest[np.isfinite(honest)]
    tried: list[float] = [bound for bound in (feature.minimum, feature.maximum) if bound is not None]
    if len(honest):
        low, high = float(honest.min()), float(honest.max())
        span = (high - low) or 1.0
        tried += [low, high]
        if guessed:
            tried += [*(high + far * span for far in _BEYOND), *(low - far * span for far in _BEYOND)]
    if len(known):
        found, counts = np.unique(known, return_counts=True)
        often = found[np.argsort(-counts, kind="stable")[: values // 2]]
        spread = found[np.linspace(0, len(found) - 1, min(values // 2, len(found))).astype(np.intp)]
        tried += [*often.tolist(), *spread.tolist()]
    if feature.nullable:
        tried.append(float("nan"))
    return list(dict.fromkeys(np.float32(value).item() for value in tried))


def _texts(feature: Feature, known: npt.NDArray[np.object_], values: int) -> list[str]:
    found, counts = np.unique(known.astype(str), return_counts=True)
    often = found[np.argsort(-counts, kind="stable")].tolist()
    return list(dict.fromkeys([*often, *feature.categories]))[: max(values, _TEXTS)]
