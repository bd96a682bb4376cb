"""Hardened outputs: what a caller sees of the scores, so that the answer tells less about the model and its people.

Rounding and the label alone blunt score-based membership inference and extraction (Fredrikson, Jha and Ristenpart 2015;
Shokri et al. 2017; Tramer et al. 2016); none of them is a proof of privacy, and label-only attacks remain. What each
setting does on the model at hand is a matter of measurement.
"""

from collections.abc import Callable
from typing import Annotated

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

Scores = npt.NDArray[np.float64]


class Hardening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done to the scores before they leave: noise, then the label alone or the highest few, then rounding.

    Only noise can change the label.
    """

    noise: Annotated[
        Annotated[float, Meta(gt=0, le=1)] | None, Meta(description="standard deviation of Gaussian noise on log-odds")
    ] = None
    digits: Annotated[
        Annotated[int, Meta(ge=0, le=15)] | None, Meta(description="digits after the point that are shown")
    ] = None
    top: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(description="how many of the classes keep their score; the others share"),
    ] = None
    label_only: Annotated[bool, Meta(description="the label alone: 1 for it and 0 for all others")] = False

    def apply(self, scores: Scores, draw: Callable[[int], Scores]) -> Scores:
        """Scores [n, k] as they are shown; for k = 1 (a quantity) only noise, relative to its size, and rounding.

        ``draw(k)`` gives standard normal noise [n, k]; it is called when there is to be noise.
        """
        if self.noise is not None:
            scores = _noisy(scores, self.noise * draw(scores.shape[1]))
        if self.label_only and scores.shape[1] > 1:
            alone: Scores = np.eye(scores.shape[1])[scores.argmax(axis=1)]
            return alone
        if self.top is not None and self.top < scores.shape[1]:
            scores = _highest(scores, self.top)
        return scores if self.digits is None else _rounded(scores, self.digits)


def _noisy(scores: Scores, noise: Scores) -> Scores:
    if scores.shape[1] == 1:
        return scores * (1 + noise)
    shifted = np.log(np.clip(scores, 1e-12, 1.0)) + noise
    weights = np.exp(shifted - shifted.max(axis=1, keepdims=True))
    noisy: Scores = weights / weights.sum(axis=1, keepdims=True)
    return noisy


def _highest(scores: Scores, top: int) -> Scores:
    """The ``top`` highest scores as they are; the rest of the probability is spread evenly over the other classes."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :top]
    kept = np.zeros_like(scores, dtype=bool)
    np.put_along_axis(kept, order, True, axis=1)
    rest = np.where(kept, 0.0, scores).sum(axis=1, keepdims=True) / (scores.shape[1] - top)
    lowest = np.where(kept, scores, np.inf).min(axis=1, keepdims=True)
    return np.where(kept, scores, np.minimum(rest, lowest))  # more than the lowest it could only be by rounding


def _rounded(scores: Scores, digits: int) -> Scores:
    """Rounded scores; where that puts another class before the label, the label gets one unit more."""
    rounded: Scores = np.round(scores, digits)
    label = scores.argmax(axis=1)
    overtaken = np.flatnonzero(rounded.argmax(axis=1) != label)
    rounded[overtaken, label[overtaken]] = np.round(rounded[overtaken, label[overtaken]] + 10.0**-digits, digits)
    return rounded
