"""What every attack on training data leaves behind: the examples, and which of their rows are bad."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError
from secmlops.runtime.examples import Examples

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Poisoned:
    """``examples`` as somebody would train on them, and the ``bad`` rows bool [n] among them."""

    examples: Examples
    bad: Mask

    def __post_init__(self) -> None:
        if len(self.bad) != len(self.examples):
            raise InputError(f"{len(self.examples)} examples, and {len(self.bad)} marks of them")


def classes_of(examples: Examples) -> npt.NDArray[np.int64]:
    """Class of each example int64 [n]; raises InputError where the target is a quantity."""
    if examples.target.dtype.kind != "i":
        raise InputError("these attacks are on classes, not on quantities")
    return examples.target.astype(np.int64)


def budget(examples: Examples, share: float) -> int:
    """Number of rows that are ``share`` (0 to 1) of the examples, at least one; raises InputError outside of it."""
    if not 0 < share <= 1:
        raise InputError(f"a share of {share} of the rows", hint="above 0, at most 1")
    return max(1, round(share * len(examples)))


def drawn(rows: Mask, count: int, generator: np.random.Generator) -> npt.NDArray[np.intp]:
    """``count`` of the marked rows by chance, without repeats; raises InputError when there are fewer."""
    places = np.flatnonzero(rows)
    if len(places) < count:
        raise InputError(f"the attack needs {count} rows of a kind of which there are {len(places)}")
    return generator.choice(places, count, replace=False)


def marked(rows: npt.NDArray[np.intp], count: int) -> Mask:
    """Mask bool [count] of the given rows."""
    mask = np.zeros(count, bool)
    mask[rows] = True
    return mask
