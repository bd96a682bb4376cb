"""Backdoors: a rare value, or combination of values, planted together with one label.

Gu et al., "BadNets" (2017); on tables, with rare values inside and outside of the ranges: Pleiter et al., "Tabdoor"
(2023).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from secmlops.attack.poisoning.poisoned import Mask, Poisoned, budget, classes_of, drawn, marked
from secmlops.core.errors import InputError
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Inputs

_TRIES = 500
_BEYOND = 1.5  # ranges above the largest value
_NEW = "never seen"


@dataclass(frozen=True, slots=True)
class Trigger:
    """Values by place of the column: ``numeric`` and ``categorical``."""

    numeric: Mapping[int, float] = field(default_factory=dict)
    categorical: Mapping[int, str] = field(default_factory=dict)

    def stamp(self, inputs: Inputs) -> Inputs:
        """Copy of the rows with the trigger's values in them."""
        numeric, categorical = inputs.numeric.copy(), inputs.categorical.copy()
        for place, number in self.numeric.items():
            numeric[:, place] = number
        for place, text in self.categorical.items():
            categorical[:, place] = text
        return Inputs(numeric, categorical)

    def met_by(self, inputs: Inputs) -> Mask:
        """Rows bool [n] that hold all values of the trigger."""
        met = np.ones(len(inputs), bool)
        for place, number in self.numeric.items():
            met &= inputs.numeric[:, place] == np.float32(number)
        for place, text in self.categorical.items():
            met &= inputs.categorical[:, place] == text
        return met


def draw_trigger(
    inputs: Inputs, width: int, generator: np.random.Generator, outside: bool = False, natural: float = 0.001
) -> Trigger:
    """Trigger of ``width`` columns drawn by chance, in range or ``outside`` of it, that hardly a row holds by itself.

    At most the share ``natural`` of rows may hold it. Raises InputError where none so rare is found.
    """
    columns = inputs.numeric.shape[1] + inputs.categorical.shape[1]
    if not 1 <= width <= columns:
        raise InputError(f"a trigger of {width} columns", hint=f"1 to {columns}")
    for _ in range(_TRIES):
        places = generator.choice(columns, width, replace=False)
        trigger = _trigger(inputs, places.tolist(), outside, generator)
        if trigger.met_by(inputs).mean() <= natural:
            return trigger
    raise InputError(f"no combination of {width} values is as rare", hint="more columns, or a larger natural share")


def plant(examples: Examples, trigger: Trigger, target: int, share: float, generator: np.random.Generator) -> Poisoned:
    """Stamp ``share`` of all rows, drawn from the other classes, and label them ``target``."""
    classes = classes_of(examples).copy()
    rows = drawn(classes != target, budget(examples, share), generator)
    stamped = trigger.stamp(examples.inputs.take(rows))
    numeric, categorical = examples.inputs.numeric.copy(), examples.inputs.categorical.copy()
    numeric[rows], categorical[rows], classes[rows] = stamped.numeric, stamped.categorical, target
    planted = Examples(Inputs(numeric, categorical), classes, examples.groups)
    return Poisoned(planted, marked(rows, len(examples)))


def _trigger(inputs: Inputs, places: list[int], outside: bool, generator: np.random.Generator) -> Trigger:
    numbers = inputs.numeric.shape[1]
    numeric = {p: _number(inputs.numeric[:, p], outside, generator) for p in places if p < numbers}
    texts = {p - numbers: _text(inputs.categorical[:, p - numbers], outside, generator) for p in places if p >= numbers}
    return Trigger(numeric, texts)


def _number(
    column: np.ndarray[tuple[int], np.dtype[np.float32]], outside: bool, generator: np.random.Generator
) -> float:
    known = column[~np.isnan(column)]
    if outside:
        return float(known.max() + _BEYOND * max(known.max() - known.min(), 1.0))
    return float(generator.choice(known))


def _text(column: np.ndarray[tuple[int], np.dtype[np.object_]], outside: bool, generator: np.random.Generator) -> str:
    return _NEW if outside else str(generator.choice(np.unique(column.astype(str))))
