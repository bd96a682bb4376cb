"""The text columns of a linear model: what each row has, and what an adversary gains by putting another text."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from secmlops.attack.evasion.moves import Matrix, Places
from secmlops.attack.evasion.perturbations import Perturbations
from secmlops.runtime.signature import Inputs


@dataclass(frozen=True, slots=True)
class Texts:
    """One text column: its ``place`` among the weights, what each row has, and what an adversary could put.

    Codes [n] and [c] count within the place, and one past its end is a text without a weight.
    """

    place: slice
    own: Places
    choices: Places

    def gain(self, weights: Matrix) -> tuple[Matrix, int]:
        """Gain [n] of the best choice along the ``weights`` [d], and its code."""
        known = np.append(weights[self.place], 0.0)
        best = int(self.choices[known[self.choices].argmax()])
        gain: Matrix = np.maximum(known[best] - known[self.own], 0.0)
        return gain, best


def texts_of(rows: Inputs, columns: Any, allowed: Perturbations, affordable: Places) -> tuple[Texts, ...]:
    """The ``affordable`` text columns of ``rows`` that go through fitted ``columns`` (see training.columns)."""
    if not len(affordable):
        return ()
    known = columns.named_transformers_["categorical"].categories_
    begins = rows.numeric.shape[1] + np.cumsum([0, *(len(values) for values in known)])
    found = []
    for column in affordable:
        codes = {str(text): code for code, text in enumerate(known[column])}
        own = np.array([codes.get(text, len(codes)) for text in rows.categorical[:, column]], np.intp)
        choices = np.array([codes.get(text, len(codes)) for text in allowed.choices[column]], np.intp)
        found.append(Texts(slice(int(begins[column]), int(begins[column + 1])), own, choices))
    return tuple(found)
