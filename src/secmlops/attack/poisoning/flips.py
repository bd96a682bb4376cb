"""Label flips: wrong labels by chance, all within one slice, or where the classes meet.

Random and boundary flips follow Biggio, Nelson and Laskov (ACML 2011) and Xiao et al. (ECAI 2012), flips of a
subpopulation Jagielski et al. (CCS 2021).
"""

import numpy as np
import numpy.typing as npt

from secmlops.attack.poisoning.poisoned import Mask, Poisoned, budget, classes_of, drawn, marked
from secmlops.core.errors import InputError
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Inputs

_TRIES = 2_000
_WIDEST = 0.4  # of all rows: a slice, not the table
_SLACK = 1.6


def flip_random(examples: Examples, share: float, generator: np.random.Generator) -> Poisoned:
    """Give another class, by chance, to ``share`` of the rows."""
    everywhere = np.ones(len(examples), bool)
    return _flipped(examples, drawn(everywhere, budget(examples, share), generator), generator)


def flip_boundary(
    examples: Examples, probabilities: npt.NDArray[np.float64], share: float, generator: np.random.Generator
) -> Poisoned:
    """Flip the ``share`` of rows of whose class a model with ``probabilities`` [n, k] is least sure."""
    ranked = np.sort(probabilities, axis=1)
    closest = np.argsort(ranked[:, -1] - ranked[:, -2], kind="stable")
    return _flipped(examples, closest[: budget(examples, share)], generator)


def flip_class(examples: Examples, source: int, share: float, generator: np.random.Generator) -> Poisoned:
    """Flip ``share`` of all rows, all of the ``source`` class; the whole of it where it has no more."""
    own = classes_of(examples) == source
    count = min(budget(examples, share), int(np.count_nonzero(own)))
    return _flipped(examples, drawn(own, count, generator), generator)


def flip_slice(examples: Examples, share: float, generator: np.random.Generator) -> Poisoned:
    """Flip ``share`` of all rows, all of one class and inside one slice: at most two conditions on the columns.

    Raises InputError where no slice of the table has enough rows of a class.
    """
    count, target = budget(examples, share), classes_of(examples)
    for source in generator.permutation(int(target.max()) + 1):
        within = _slice_with(examples.inputs, target == source, count, generator)
        if within is not None:
            return _flipped(examples, drawn(within & (target == source), count, generator), generator)
    raise InputError(f"no slice holds {count} rows of one class", hint="a smaller share")


def _slice_with(inputs: Inputs, source: Mask, count: int, generator: np.random.Generator) -> Mask | None:
    """Slice of which at least ``count`` rows, and not many more, are of the ``source`` class."""
    columns = [*inputs.numeric.T, *inputs.categorical.T]
    most = min(2, len(columns))
    for _ in range(_TRIES):
        chosen = generator.choice(len(columns), int(generator.integers(1, most + 1)), replace=False)
        within: Mask = np.logical_and.reduce([_condition(columns[place], generator) for place in chosen])
        held = np.count_nonzero(within & source)
        if count <= held <= max(_SLACK * count, count + 1) and within.mean() <= _WIDEST:
            return within
    return None


def _condition(column: npt.NDArray[np.float32] | npt.NDArray[np.object_], generator: np.random.Generator) -> Mask:
    """A range between the values of two rows, or the category of one."""
    ends = [column[generator.integers(len(column))] for _ in range(2)]
    if column.dtype == object:
        same: Mask = column == ends[0]
        return same
    between: Mask = (column >= min(ends)) & (column <= max(ends))
    return between


def _flipped(examples: Examples, rows: npt.NDArray[np.intp], generator: np.random.Generator) -> Poisoned:
    target = classes_of(examples).copy()
    classes = int(target.max()) + 1
    target[rows] = (target[rows] + generator.integers(1, classes, len(rows))) % classes
    return Poisoned(Examples(examples.inputs, target, examples.groups), marked(rows, len(examples)))
