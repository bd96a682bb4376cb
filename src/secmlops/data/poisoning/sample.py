"""The rows that the controls against poison look at: training rows and holdout together, a sample of very many."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.data.prepare import Prepared
from secmlops.runtime.signature import Inputs

MOST_CLASSES = 20
LEAST_ROWS = 50


@dataclass(frozen=True, slots=True)
class Sample:
    """``inputs`` and ``labels`` of n rows, and their numbers in the table, ``rows`` [n], ascending.

    Classes beyond the commonest share one label, the last; ``classes`` are the places of the others in the signature.
    """

    inputs: Inputs
    labels: npt.NDArray[np.int64]
    rows: npt.NDArray[np.intp]
    classes: tuple[int, ...]
    places: npt.NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.rows)


def sample(prepared: Prepared, most: int, seed: int) -> Sample | None:
    """At most ``most`` rows by chance; None where the target is a quantity, or there are too few rows to judge."""
    every = np.concatenate([prepared.train_rows, prepared.holdout_rows])
    if not prepared.signature.task.is_classification or len(every) < LEAST_ROWS:
        return None
    chosen = np.argsort(every, kind="stable")
    if len(every) > most:
        chosen = chosen[np.sort(np.random.default_rng(seed).permutation(len(every))[:most])]
    sides = (prepared.train.inputs, prepared.holdout.inputs)
    numeric, categorical = (np.concatenate([getattr(s, kind) for s in sides]) for kind in ("numeric", "categorical"))
    target = np.concatenate([prepared.train.target, prepared.holdout.target])[chosen].astype(np.int64)
    counts = np.bincount(target)
    common = np.sort(np.argsort(-counts, kind="stable")[: min(MOST_CLASSES, np.count_nonzero(counts))])
    numbers = np.full(len(counts), len(common))
    numbers[common] = np.arange(len(common))
    inputs = Inputs(numeric, categorical).take(chosen)
    return Sample(inputs, numbers[target], every[chosen], tuple(common.tolist()), chosen)
