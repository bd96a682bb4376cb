"""Reference models of the model's own kind: fitted alike on random halves, for the attack that compares with them.

They are the auditor's, made where the training rows are. Only what they answer leaves the sandbox; it is kept in the
vault like the training rows themselves, and no release holds it. So they cost a private model nothing: they are fitted
by the same function, but what an accountant counts is what is released, and of them nothing is. What the audit measures
with them is about the training rows, like every other measure of an audit.

The holdout has no labels in the sandbox, so no reference model learns from it: only models that did not learn from a
row are compared, of training rows and of others alike.
"""

import random
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError, IsolationError
from secmlops.training.transport import array_from_bytes

FILE = "references.npy"
MAX_ROWS = 3_000
"""Rows of each kind that they answer."""
MOST = 32
"""Largest number of reference models."""

Rows = npt.NDArray[np.intp]
Answers = npt.NDArray[np.float64]


def check_models(models: int) -> None:
    """Raise InputError for a number of models that makes no pairs, or that nobody would wait for."""
    if models % 2 or not 0 <= models <= MOST:
        what = f"{models} reference models: they come in pairs, {MOST} at most"
        raise InputError(what, where="training.references", hint="give 0, 4 or 8")


def shown(rows: int, seed: int) -> Rows:
    """Those of so many rows that the reference models answer, in order."""
    return np.sort(np.random.default_rng([seed, 1]).permutation(rows)[:MAX_ROWS])


def halves(target: npt.NDArray[np.generic], models: int, seed: int) -> list[Rows]:
    """Training rows that each of ``models`` learns from: in pairs, one half with its share of each class, and the rest.

    The rarest classes are in both halves as long as there are two rows of them.
    """
    drawn: list[Rows] = []
    for pair in range(models // 2):
        order = np.random.default_rng([seed, 2, pair]).permutation(len(target))
        ranked = order[np.argsort(target[order], kind="stable")]  # rows of a class one after another, in random order
        drawn += [np.sort(ranked[turn::2]) for turn in range(2)]
    return drawn


def fit_references(
    fit: Callable[[Rows, int], Answers], target: npt.NDArray[np.generic], models: int, seed: int
) -> Answers:
    """Answers [models * rows, k] of all models, one after another; ``fit`` takes rows and a seed, and gives answers."""
    answered = []
    for place, rows in enumerate(halves(target, models, seed)):
        own = (seed + 1 + place) % 2**32
        random.seed(own)
        np.random.seed(own)  # the code may draw from the global generators
        answered.append(fit(rows, own))
    return np.concatenate(answered)


def size_bound(models: int, outputs: int) -> int:
    """Most bytes that the answers take."""
    return models * 2 * MAX_ROWS * outputs * 8 + 1024


def read_references(data: bytes, *, models: int, train: int, holdout: int, outputs: int) -> Answers:
    """Answers [models, rows, k], training rows first; raises IsolationError unless they are probabilities that fit."""
    rows = min(train, MAX_ROWS) + min(holdout, MAX_ROWS)
    answers = array_from_bytes(data)
    if answers.shape != (models * rows, outputs) or answers.dtype != np.float64:
        raise IsolationError("the isolated code left answers of reference models that do not fit the job")
    given: Answers = answers.astype(np.float64).reshape(models, rows, outputs)
    if not ((given >= 0) & (given <= 1 + 1e-6)).all():
        raise IsolationError("the isolated code left answers of reference models that are no probabilities")
    return given
