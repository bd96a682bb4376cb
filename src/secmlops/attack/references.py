"""Reference models: what models that learned from random halves of all candidates make of each, with and without it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.attack.forest import Forest, Shape
from secmlops.attack.imitation import Space
from secmlops.attack.membership import Candidates, threshold
from secmlops.core.errors import InputError

Matrix = npt.NDArray[np.float64]
_SHAPE = Shape(depth=10, least=1)  # that knows its rows by heart, as a model worth attacking does
FLOOR = 1e-3
"""A reference model of a few trees knows no smaller probability."""


@dataclass(frozen=True, slots=True, eq=False)
class References:
    """Probabilities of the true class [m, n] by m models, and which of the rows each ``learned`` from, bool [m, n]."""

    likelihood: Matrix
    learned: npt.NDArray[np.bool_]

    @classmethod
    def fit(cls, candidates: Candidates, classes: int, models: int, generator: np.random.Generator) -> "References":
        """Fit ``models``, an even number, in pairs: one on a random half, the other on the rest.

        So every row is known to half of the models and new to the others. Raises InputError for an odd number, or fewer
        than two rows.
        """
        if len(candidates) < 2 or models < 2 or models % 2:
            raise InputError(
                f"{models} reference models of {len(candidates)} rows make no pairs", hint="give 2, 4, 8 .."
            )
        design = Space.of(candidates.inputs).design(candidates.inputs)
        labels = np.eye(classes)[candidates.target]
        likelihood = np.empty((models, len(candidates)))
        learned = np.zeros(likelihood.shape, bool)
        for pair in range(models // 2):
            for turn, half in enumerate(np.array_split(generator.permutation(len(candidates)), 2)):
                place = 2 * pair + turn
                reference = Forest.learn(design[half], labels[half], generator, _SHAPE)
                likelihood[place] = threshold(reference.predict(design), candidates.target)
                learned[place, half] = True
        return cls(likelihood.clip(FLOOR, 1 - FLOOR), learned)

    @property
    def expected(self) -> Matrix:
        """Mean probability of the true class [n], over models with and without the row alike."""
        with_it, without_it = self.means(self.likelihood)
        mean: Matrix = (with_it + without_it) / 2
        return mean

    def means(self, values: Matrix) -> tuple[Matrix, Matrix]:
        """Means [n] of ``values`` [m, n] over the models that learned from the row, and over the others."""
        counts = self.learned.sum(axis=0)
        with_it: Matrix = np.where(self.learned, values, 0).sum(axis=0) / counts
        without_it: Matrix = np.where(self.learned, 0, values).sum(axis=0) / (len(values) - counts)
        return with_it, without_it
