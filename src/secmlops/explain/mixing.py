"""Rows made of two: some features of one row, the others of another."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.explain.explanation import Floats, Indices, Scale, on_scale
from secmlops.explain.sampling import Predicts
from secmlops.runtime.signature import FeatureKind, Inputs, Signature

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Mixer:
    """Asks a ``model`` about mixed rows and tells its answers on ``scale``, always of the same ``column``."""

    model: Predicts
    signature: Signature
    scale: Scale
    column: int

    def mixed(self, chosen: Flags, own: Inputs, others: Inputs) -> Inputs:
        """Rows with the features ``chosen`` [n, p] of ``own``, and all else of ``others``; either may be one row."""
        kinds = np.array([feature.kind is FeatureKind.NUMERIC for feature in self.signature.features])
        return Inputs(
            np.where(chosen[:, kinds], own.numeric, others.numeric),
            np.where(chosen[:, ~kinds], own.categorical, others.categorical),
        )

    def scores(self, inputs: Inputs) -> Floats:
        """Answers [n] on the scale."""
        answers = self.model.predict(inputs)
        return on_scale(self.scale, answers, np.full(len(answers), self.column, np.intp))

    def crossed(self, places: Indices, own: Inputs, others: Inputs) -> Floats:
        """Scores [a, b] of every row of ``others`` [b] with the features ``places`` of every row of ``own`` [a]."""
        chosen = np.zeros((1, len(self.signature.features)), np.bool_)
        chosen[0, places] = True
        taken = own.take(np.repeat(np.arange(len(own)), len(others)))
        rest = others.take(np.tile(np.arange(len(others)), len(own)))
        return self.scores(self.mixed(chosen, taken, rest)).reshape(len(own), len(others))
