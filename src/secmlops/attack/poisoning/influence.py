"""Points that weigh too much: copies of a few bad rows, clean-label points, and a source of which many rows are bad."""

import numpy as np
import numpy.typing as npt

from secmlops.attack.poisoning.poisoned import Poisoned, budget, classes_of, drawn, marked
from secmlops.core.errors import InputError
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Inputs


def duplicate(examples: Examples, share: float, points: int, generator: np.random.Generator) -> Poisoned:
    """Overwrite ``share`` of the rows by copies of ``points`` rows with a wrong label."""
    target, count = classes_of(examples).copy(), budget(examples, share)
    if not 1 <= points <= count:
        raise InputError(f"{points} points for {count} copies", hint=f"1 to {count}")
    rows = drawn(np.ones(len(examples), bool), count, generator)
    pattern = rows[np.arange(count) % points]
    numeric, categorical = examples.inputs.numeric.copy(), examples.inputs.categorical.copy()
    numeric[rows], categorical[rows] = examples.inputs.numeric[pattern], examples.inputs.categorical[pattern]
    classes = int(target.max()) + 1
    target[rows] = (target[pattern] + 1) % classes
    copied = Examples(Inputs(numeric, categorical), target, examples.groups)
    return Poisoned(copied, marked(rows, len(examples)))


def collide(examples: Examples, victim: int, share: float, blend: float, generator: np.random.Generator) -> Poisoned:
    """Clean-label points: ``share`` of the rows, of another class than the ``victim`` row, moved towards it.

    Numbers go the share ``blend`` (0 to 1) of the way, categories change with that probability; labels stay what they
    were (feature collision, Shafahi et al., NeurIPS 2018, in the space of the inputs).
    """
    target, inputs = classes_of(examples), examples.inputs
    rows = drawn(target != target[victim], budget(examples, share), generator)
    numeric, categorical = inputs.numeric.copy(), inputs.categorical.copy()
    numeric[rows] = (1 - blend) * numeric[rows] + blend * numeric[victim]
    changed = generator.random((len(rows), categorical.shape[1])) < blend
    categorical[rows] = np.where(changed, categorical[victim], categorical[rows])
    moved = Examples(Inputs(numeric, categorical), target, examples.groups)
    return Poisoned(moved, marked(rows, len(examples)))


def poison_source(
    examples: Examples, sources: npt.NDArray[np.int64], bad: int, share: float, generator: np.random.Generator
) -> Poisoned:
    """Flip ``share`` (0 to 1) of the labels that come from source ``bad``; ``sources`` [n] numbers them."""
    own = sources == bad
    if not 0 < share <= 1 or not own.any():
        raise InputError(f"a share of {share} of a source of {np.count_nonzero(own)} rows")
    rows = drawn(own, max(1, round(share * np.count_nonzero(own))), generator)
    target = classes_of(examples).copy()
    classes = int(target.max()) + 1
    target[rows] = (target[rows] + generator.integers(1, classes, len(rows))) % classes
    return Poisoned(Examples(examples.inputs, target, examples.groups), marked(rows, len(examples)))
