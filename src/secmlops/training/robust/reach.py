"""The worst that a budget can do to rows of a linear model, in closed form: no search can do more.

A linear margin falls fastest along its weights, and within a ball of weighted shifts the fall is the budget times the
dual norm of the weights in units of cost: the Euclidean norm for ``l2``, the sum of magnitudes for ``linf`` (Xu,
Caramanis and Mannor, "Robustness and Regularization of Support Vector Machines", JMLR 2009). Categories are put in
place first where that pays, and the rest of the budget goes to the numbers. Bounds, whole steps, different prices of
the categories and, for ``linf``, sums only weaken the adversary: leaving them aside gives a bound from above.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from secmlops.attack.evasion.moves import Matrix, Places
from secmlops.attack.evasion.perturbations import Norm, Perturbations
from secmlops.runtime.signature import Inputs
from secmlops.training.robust.texts import Texts, texts_of

_SMOOTH = 1e-6
"""Rounds off the corner of a norm at 0, for a slope everywhere."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a ``budget`` buys in rows [n] of a design of d columns, the p numbers first.

    ``unit`` [p] is what a cost of 1 moves a column of the design, ``patterns`` [u, p] bool say which numbers are free,
    ``pattern`` [n] which of these is a row's, and ``held`` [u, m, p] are directions, orthonormal in each pattern, along
    which sums forbid to go. ``counts`` [c] is the least that 0, 1, ... changed categories cost together.
    """

    budget: float
    norm: Norm
    unit: Matrix
    patterns: npt.NDArray[np.bool_]
    pattern: Places
    held: Matrix
    texts: tuple[Texts, ...]
    counts: Matrix

    @classmethod
    def of(cls, rows: Inputs, columns: Any, allowed: Perturbations, budget: float) -> Self:
        """Reach of ``budget`` at ``rows`` that go through fitted ``columns`` (see training.columns)."""
        scaler = columns.named_transformers_["numeric"]["scale"] if rows.numeric.shape[1] else None
        unit = allowed.unit / scaler.scale_ if scaler is not None else np.empty(0)
        free = (allowed.unit > 0) & ~np.isnan(rows.numeric)
        patterns, pattern = np.unique(free, axis=0, return_inverse=True)
        l2 = allowed.norm is Norm.L2
        held = np.stack([_basis(np.where(p, allowed.sums * allowed.unit, 0.0), used=l2) for p in patterns])
        affordable = np.flatnonzero(allowed.price <= budget)
        prices = np.sort(allowed.price[affordable]) ** 2 if l2 else np.zeros(len(affordable))
        counts = np.concatenate([[0.0], np.cumsum(prices)])
        counts = counts[counts <= budget**2 * (1 + 1e-9)]
        texts = texts_of(rows, columns, allowed, affordable)
        return cls(budget, allowed.norm, unit, patterns, pattern.ravel(), held, texts, counts)

    def fall(self, weights: Matrix) -> tuple[Matrix, "Fall"]:
        """How much [n] a score with these ``weights`` [d] can be raised, and what tells its slope by them."""
        slopes = weights[: len(self.unit)] * self.unit
        size = self._sizes(slopes)[self.pattern]
        gained, ranked, put = self._texts_gain(weights)
        rest = self._rest
        total = gained[:, : len(rest)] + rest * size[:, None]
        changed = total.argmax(axis=1)
        fall: Matrix = total[np.arange(len(total)), changed]
        return fall, Fall(self, slopes, rest[changed], ranked < changed[:, None], put)

    @property
    def _rest(self) -> Matrix:
        """What is left for the numbers [c] when 0, 1, ... categories were changed."""
        if self.norm is Norm.LINF:
            return np.full(len(self.counts), self.budget)
        rest: Matrix = np.sqrt(np.maximum(self.budget**2 - self.counts, 0.0))
        return rest

    def _sizes(self, slopes: Matrix) -> Matrix:
        """Dual norm [u] of the slopes by shifts, of each pattern."""
        if self.norm is Norm.LINF:
            sums: Matrix = self.patterns.astype(np.float64) @ np.sqrt(slopes**2 + _SMOOTH**2)
            return sums
        lengths: Matrix = np.sqrt((self._usable(slopes) ** 2).sum(axis=1) + _SMOOTH**2)
        return lengths

    def _usable(self, slopes: Matrix) -> Matrix:
        """Slopes [u, p] along which each pattern may go."""
        free = np.where(self.patterns, slopes, 0.0)
        usable: Matrix = free - np.einsum("ump,um->up", self.held, np.einsum("ump,up->um", self.held, free))
        return usable

    def directions(self, slopes: Matrix) -> Matrix:
        """Shifts [u, p] of cost 1 that raise the score most: the slope of the dual norm."""
        if self.norm is Norm.LINF:
            signs: Matrix = self.patterns * slopes / np.sqrt(slopes**2 + _SMOOTH**2)
            return signs
        steps: Matrix = self._usable(slopes) / self._sizes(slopes)[:, None]
        return steps

    def _texts_gain(self, weights: Matrix) -> tuple[Matrix, Places, list[int]]:
        """Gain [n, 1 + t] of the best 0, 1, ... changes, the rank [n, t] of each column's, and what is put there."""
        found = [text.gain(weights) for text in self.texts]
        rows = len(self.pattern)
        gains = np.stack([gain for gain, _ in found], axis=1) if found else np.empty((rows, 0))
        order = np.argsort(-gains, axis=1, kind="stable")
        ranked = np.argsort(order, axis=1, kind="stable")
        sums = np.cumsum(np.take_along_axis(gains, order, axis=1), axis=1)
        return np.concatenate([np.zeros((rows, 1)), sums], axis=1), ranked, [best for _, best in found]


@dataclass(frozen=True, slots=True)
class Fall:
    """The worst change of each row [n]: ``rest`` [n] is spent on numbers, ``put`` [t] on the texts ``moved`` [n, t]."""

    reach: Reach
    slopes: Matrix
    rest: Matrix
    moved: npt.NDArray[np.bool_]
    put: list[int]

    def slope(self, shares: Matrix, width: int) -> Matrix:
        """Slope [d] by the weights of the sum of all falls, each counted by its share [n]; d is ``width``."""
        reach, slope = self.reach, np.zeros(width)
        spent = np.bincount(reach.pattern, shares * self.rest, len(reach.patterns))
        slope[: len(reach.unit)] = reach.unit * (spent @ reach.directions(self.slopes))
        for text, moved, best in zip(reach.texts, self.moved.T, self.put, strict=True):
            weight = np.where(moved, shares, 0.0)
            size = text.place.stop - text.place.start
            change = -np.bincount(text.own, weight, size + 1)
            change[best] += weight.sum()
            slope[text.place] += change[:size]
        return slope


def _basis(sums: Matrix, *, used: bool) -> Matrix:
    """Orthonormal rows [m, p] that span those of ``sums`` [m, p], zeros for what they have in common."""
    if not used or not sums.size:
        return np.zeros((0, sums.shape[1]))
    _, sizes, directions = np.linalg.svd(sums, full_matrices=False)
    basis: Matrix = np.zeros_like(sums)
    kept = directions[sizes > 1e-9 * max(1e-30, sizes.max())]
    basis[: len(kept)] = kept
    return basis
