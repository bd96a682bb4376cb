"""Random changes of some features at the edge of a budget, and changes cut to what the budget pays for."""

from dataclasses import dataclass

import numpy as np

from secmlops.attack.evasion.hunt import Hunt
from secmlops.attack.evasion.moves import KEPT, Codes, Mask, Matrix, Moves, Places
from secmlops.attack.evasion.perturbations import Norm

_TINY = 1e-30
_TURNED = 0.5
"""Share of the categories of a block that are put to another text; the others go back to what they were."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Proposes changes of the rows of a ``hunt`` that ``budget`` pays for."""

    hunt: Hunt
    budget: float
    generator: np.random.Generator

    @property
    def features(self) -> int:
        """Number of features, the numeric ones first."""
        return len(self.hunt.allowed.unit) + len(self.hunt.allowed.price)

    def first(self, places: Places) -> Moves:
        """Moves of the rows at ``places`` [m] with every feature drawn."""
        return self.anew(places, self.hunt.unchanged(places), np.ones((len(places), self.features), bool))

    def anew(self, places: Places, here: Moves, block: Mask) -> Moves:
        """Moves like those ``here`` [m], with the features of the ``block`` [m, p + q] drawn anew."""
        numbers, allowed = here.shift.shape[1], self.hunt.allowed
        signs = self.generator.choice([-1.0, 1.0], here.shift.shape) * self.hunt.free[places]
        size = self.budget if allowed.norm is Norm.LINF else self.budget / np.sqrt(max(1, numbers))
        shift = np.where(block[:, :numbers], signs * size, here.shift)
        turned = (allowed.price <= self.budget) & (self.generator.random(here.codes.shape) < _TURNED)
        drawn = np.where(turned, self._drawn(here.codes.shape), KEPT)
        return self.fitted(Moves(shift, np.where(block[:, numbers:], drawn, here.codes)))

    def fitted(self, moves: Moves) -> Moves:
        """Return moves that the budget pays for: as many categories as it can, then numbers with all that is left."""
        price = np.where(moves.codes != KEPT, self.hunt.allowed.price, 0.0)
        if self.hunt.allowed.norm is Norm.LINF:
            codes = np.where(price <= self.budget, moves.codes, KEPT)
            return Moves(np.clip(moves.shift, -self.budget, self.budget), codes)
        codes = np.where(np.cumsum(price**2, axis=1) <= self.budget**2, moves.codes, KEPT)
        spent = (np.where(codes != KEPT, price, 0.0) ** 2).sum(axis=1)
        left = np.sqrt(np.maximum(self.budget**2 - spent, 0.0))
        length: Matrix = np.linalg.norm(moves.shift, axis=1)
        return Moves(moves.shift * (left / np.maximum(length, _TINY))[:, None], codes)

    def _drawn(self, shape: tuple[int, ...]) -> Codes:
        """Random codes [m, q] of each column's choices."""
        choices = self.hunt.allowed.choices
        columns = [self.generator.integers(max(1, len(known)), size=shape[0]) for known in choices]
        return np.stack(columns, axis=1).astype(np.intp) if columns else np.empty(shape, np.intp)
