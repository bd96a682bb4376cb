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
    """Probabilities of the true class [m, n] by m models, and which of the rows each ``learned`` from, bool [m, n].

    ``inside`` bool [n] are the rows that models really learned from: of the others ``learned`` only says which models
    are not counted, and all rows are compared with what models say that did not learn from them. None where some models
    learned from each row.
    """

    likelihood: Matrix
    learned: npt.NDArray[np.bool_]
    inside: npt.NDArray[np.bool_] | None = None

    @classmethod
    def known(
        cls, likelihood: Matrix, learned: npt.NDArray[np.bool_], inside: npt.NDArray[np.bool_] | None = None
    ) -> "References":
        """Models that are there already; raises InputError unless each row has a model with and one without it."""
        counts = learned.sum(axis=0)
        if likelihood.shape != learned.shape or not ((counts > 0) & (counts < len(learned))).all():
            raise InputError("reference models are not with and without each row")
        return cls(likelihood.clip(FLOOR, 1 - FLOOR), learned, inside)

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
        return cls.known(likelihood, learned)

    @property
    def expected(self) -> Matrix:
        """Mean probability of the true class [n], over models with and without the row alike.

        Where no model learned from some rows, what models with them would say is told from those without, for every row
        alike: 1 - a (1 - p), with the a that fits best where both are known (RMIA, section 3 there).
        """
        with_it, without_it = self.means(self.likelihood)
        if self.inside is not None:
            left, kept = 1 - without_it[self.inside], 1 - with_it[self.inside]
            with_it = 1 - float(np.clip(left @ kept / (left @ left), 0, 1)) * (1 - without_it)
        mean: Matrix = (with_it + without_it) / 2
        return mean

    def means(self, values: Matrix) -> tuple[Matrix, Matrix]:
        """Means [n] of ``values`` [m, n] over the models that learned from the row, and over the others."""
        counts = self.learned.sum(axis=0)
        with_it: Matrix = np.where(self.learned, values, 0).sum(axis=0) / counts
        without_it: Matrix = np.where(self.learned, 0, values).sum(axis=0) / (len(values) - counts)
        return with_it, without_it
