"""Rows drawn so that a sensitive group and the outcome are independent in what is learnt from, and what that costs.

Kamiran and Calders, "Data preprocessing techniques for classification without discrimination" (2012): a row of group s
and class y counts P(s) P(y) / P(s, y). As in their sampling, which needs no model that takes weights, rows are drawn as
often as they count.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.metrics import balanced_accuracy_score

from secmlops.runtime.signature import Signature
from secmlops.training.answers import answers
from secmlops.training.curve import nested_subsets
from secmlops.training.models import Estimator, Fit, Target
from secmlops.training.reweighed import Reweighed, Standing

Groups: TypeAlias = npt.NDArray[np.int64]
Indices: TypeAlias = npt.NDArray[np.intp]
Take: TypeAlias = Callable[[Any, Indices], Any]
"""Rows of a frame, whatever it is."""

_LEARNT = 2 / 3
LEAST_ROWS = 30
"""Of a group among the rows put by, for its rates to be compared."""


class Reweighing:
    """Fits on rows drawn by what they count, of the ``groups`` [n] of all training rows."""

    def __init__(self, groups: Groups, take: Take) -> None:
        self._groups = groups
        self._take = take

    def fit(self, fit: Fit, rows: Indices) -> Fit:
        """Return the same fit for the frame that holds ``rows`` of the training rows, reweighed."""

        def reweighed(frame: Any, target: Target, seed: int) -> Estimator:
            drawn = drawn_rows(self._groups[rows], target.astype(np.int64), seed)
            return fit(self._take(frame, drawn), target[drawn], seed)

        return reweighed

    def price(self, fit: Fit, data: tuple[Any, Groups], signature: Signature, seed: int) -> Reweighed:
        """Fit with and without on two thirds of ``data``, frame and target, and compare both on the rest."""
        frame, target = data
        learnt, everything = nested_subsets(target, (_LEARNT,), seed)
        left = np.setdiff1d(everything, learnt)
        standings = []
        for way in (fit, self.fit(fit, learnt)):
            estimator = way(self._take(frame, learnt), target[learnt], seed)
            called = answers(estimator, self._take(frame, left), signature).argmax(axis=1)
            standings.append(_standing(called, target[left], self._groups[left]))
        return Reweighed(plain=standings[0], reweighed=standings[1])


def drawn_rows(groups: Groups, target: Groups, seed: int) -> Indices:
    """Indices of rows, in their order: of each group and class as many as if the two were independent.

    A row is drawn as often as any other of its group and class, or once more.
    """
    generator, drawn = np.random.default_rng(seed), []
    for group in np.unique(groups):
        for label in np.unique(target):
            cell = np.flatnonzero((groups == group) & (target == label))
            if len(cell):
                wanted = round((groups == group).sum() * (target == label).sum() / len(target))
                whole, rest = divmod(max(wanted, 1), len(cell))
                drawn += [np.tile(cell, whole), generator.permutation(cell)[:rest]]
    return np.sort(np.concatenate(drawn))


def _standing(called: npt.NDArray[np.intp], target: Target, groups: Groups) -> Standing:
    large = [group for group in np.unique(groups) if (groups == group).sum() >= LEAST_ROWS]
    rates = np.array([[(called[groups == group] == c).mean() for c in np.unique(target)] for group in large])
    difference = float(np.ptp(rates, axis=0).max()) if len(rates) else 0.0
    return Standing(difference=difference, balanced_accuracy=float(balanced_accuracy_score(target, called)))
