"""A model with a map behind it: its probabilities are read as the shares of events that came true in cross-fitting.

The map is fitted to answers that models of the other folds gave (Platt 1999 asks for that), the model itself to all
rows: no row is lost, and none of the holdout is looked at.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError
from secmlops.runtime.signature import Signature
from secmlops.training.advice import Advice
from secmlops.training.answers import answers
from secmlops.training.models import Estimator, Fit, Target
from secmlops.training.recalibration.maps import MAPS, Floats, Map
from secmlops.training.recalibration.settings import Recalibration

FOLDS = 3
LEAST_ROWS = 10
"""Of each class, for a map to be fitted."""
Take: TypeAlias = Callable[[Any, npt.NDArray[np.intp]], Any]
"""Rows of a frame, whatever it is."""


class Recalibrated:
    """The fitted ``estimator`` with a map for each class, or one of the event where there are two."""

    def __init__(self, estimator: Estimator, maps: tuple[Map, ...], signature: Signature) -> None:
        self.estimator = estimator
        self.maps = maps
        self.classes_ = np.arange(len(signature.classes))
        self._signature = signature

    def predict_proba(self, frame: Any) -> Floats:
        """Better probabilities float64 [n, k] of the rows of ``frame``."""
        return mapped(self.maps, answers(self.estimator, frame, self._signature))


def mapped(maps: tuple[Map, ...], probabilities: Floats) -> Floats:
    """Probabilities [n, k] behind the maps: of two classes by the event, of more each for itself, summed to one."""
    if len(maps) == 1:
        event = maps[0](probabilities[:, 1], probabilities[:, 0])
        return np.stack([1 - event, event], axis=1)
    each = np.stack([one(*_apart(probabilities, c)) for c, one in enumerate(maps)], axis=1)
    summed: Floats = each / each.sum(axis=1, keepdims=True)
    return summed


def _apart(probabilities: Floats, column: int) -> tuple[Floats, Floats]:
    """Probabilities [n] of a class, and of all others together."""
    return probabilities[:, column], np.delete(probabilities, column, axis=1).sum(axis=1)


def recalibrating_fit(fit: Fit, kind: Recalibration, signature: Signature, take: Take) -> Fit:
    """Return a fit whose model is that of ``fit`` on all rows with maps of this ``kind`` behind it.

    It raises InputError for a class with too few rows.
    """

    def recalibrated(frame: Any, target: Target, seed: int) -> Estimator:
        counts = np.bincount(target.astype(np.int64), minlength=len(signature.classes))
        if counts.min() < LEAST_ROWS:
            raise InputError("a class has too few rows to recalibrate its probability", hint=Advice.RECALIBRATION)
        unseen = np.zeros((len(target), len(signature.classes)))
        for learnt, left in _folds(target, seed):
            model = fit(take(frame, learnt), target[learnt], seed)
            unseen[left] = answers(model, take(frame, left), signature)
        explained = [1] if len(counts) == 2 else range(len(counts))
        maps = tuple(MAPS[kind](*_apart(unseen, c), target == c) for c in explained)
        return Recalibrated(fit(frame, target, seed), maps, signature)

    return recalibrated


def _folds(target: Target, seed: int) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Rows to learn from and rows left out, so that each is left out once and every class keeps its share."""
    fold = np.empty(len(target), np.intp)
    shuffled = np.random.default_rng(seed).permutation(len(target))
    order = shuffled[np.argsort(target[shuffled], kind="stable")]
    fold[order] = np.arange(len(target)) % FOLDS
    for number in range(FOLDS):
        yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)
