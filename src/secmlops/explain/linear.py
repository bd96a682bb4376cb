"""Shapley values of a linear model, in closed form: weight times distance from the usual value, feature by feature.

For a sum of one-feature terms the Shapley value of a feature against a background is its own term less the mean of that
term over the background, exactly (Štrumbelj and Kononenko, 2014). Preparation that makes several columns of one feature
keeps that form: the columns' terms are added up.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import VerificationError
from secmlops.explain.columns import Encoder, Indices
from secmlops.explain.explanation import Floats
from secmlops.runtime.signature import Inputs, Signature


class LinearTerms:
    """``weights`` [m, k] of the encoded columns, their ``means`` [m] over the background, and the ``base`` [k] there.

    k is 1, or the number of classes where each has a score of its own. Raises VerificationError when the parts do not
    fit together.
    """

    LAYOUT: ClassVar[Mapping[str, tuple[str, int]]] = {"weights": ("F64", 2), "means": ("F64", 1), "base": ("F64", 1)}

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], encoder: Encoder, signature: Signature) -> None:
        self.arrays = arrays
        weights, means, base = arrays["weights"], arrays["means"], arrays["base"]
        if weights.shape != (len(encoder), len(base)) or len(means) != len(encoder):
            raise VerificationError("the stored weights do not fit the stored columns")
        self._encoder = encoder
        self._base: Floats = base
        owners, places = encoder.owners(signature), encoder.places
        self._width = len(signature.features)
        self._weights = weights[places]
        self._means = means[places]
        self._spread = (owners[places][:, None] == np.arange(self._width)).astype(np.float64)
        self._owners = np.array([owners[book.places[0]] for book in encoder.books], np.intp)
        tables = [(book.table - means[book.places]) @ weights[book.places] for book in encoder.books]
        self._terms = np.concatenate(tables) if tables else np.empty((0, len(base)))
        self._starts = np.cumsum([0, *(len(table) for table in tables)])[:-1]

    @property
    def outputs(self) -> int:
        """Number k of scores that can be explained."""
        return len(self._base)

    def base(self, columns: Indices) -> Floats:
        """Mean score over the background of each of ``columns`` [n]."""
        return self._base[columns]

    def contributions(self, inputs: Inputs, columns: Indices) -> Floats:
        """Shapley values float64 [n, p] of the score ``columns`` [n] of each row."""
        if len(self._means):
            numbers = (self._encoder.numbers(inputs) - self._means) * self._weights[:, columns].T
            found: Floats = numbers @ self._spread
        else:
            found = np.zeros((len(inputs), self._width))
        if len(self._owners):
            codes = [book.codes(inputs.categorical) for book in self._encoder.books]
            found[:, self._owners] += self._terms[np.array(codes, np.intp).T + self._starts, columns[:, None]]
        return found
