"""An explanation: by how much each feature moved each row's answer away from the usual one, and on which scale."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from secmlops.core.task import Task

Floats: TypeAlias = npt.NDArray[np.float64]
Indices: TypeAlias = npt.NDArray[np.intp]

SMALLEST_PROBABILITY = float(np.finfo(np.float32).eps)
"""Probabilities are kept off 0 and 1 by this much before a logarithm is taken: models answer in float32."""


class Method(StrEnum):
    """How the Shapley values were found: exactly, from the weights or the trees, or by sampling coalitions."""

    LINEAR = "linear"
    TREES = "trees"
    SAMPLED = "sampled"


class Scale(StrEnum):
    """The unit of base, contributions and output.

    ``log-odds`` are those of the event, the second of two classes. ``relative-log-probability`` is the logarithm of the
    explained class's probability less the mean logarithm over all classes (the centred log-ratio, Aitchison 1982).
    """

    LOG_ODDS = "log-odds"
    RELATIVE_LOG_PROBABILITY = "relative-log-probability"
    PROBABILITY = "probability"
    PREDICTION = "prediction"


@dataclass(frozen=True, slots=True)
class Explanation:
    """``base`` [n] + the sum of ``contributions`` [n, p] is the ``output`` [n], on ``scale``; all float64.

    Contributions stand in the order of the signature's features. ``standard_error`` [n, p] is zero where the method is
    exact. ``explained`` [n] is the column of the model's answer that is explained: the event of two classes, the
    decided one of several, 0 of a regression. ``answers`` [n, k] are what the model answered.
    """

    base: Floats
    contributions: Floats
    standard_error: Floats
    method: Method
    scale: Scale
    explained: Indices
    answers: Floats

    @property
    def output(self) -> Floats:
        """What the contributions add up to, with the base [n]."""
        total: Floats = self.base + self.contributions.sum(axis=1)
        return total

    @property
    def decided(self) -> Indices:
        """Column of the highest answer [n]: the class decided."""
        decided: Indices = np.asarray(self.answers.argmax(axis=1), np.intp)
        return decided


def explained_columns(task: Task, answers: Floats) -> Indices:
    """Column of each row's answer [n] to explain: the event, the decided class, or the prediction."""
    if task is Task.MULTICLASS:
        return np.asarray(answers.argmax(axis=1), np.intp)
    return np.full(len(answers), int(task is Task.BINARY), np.intp)


def on_scale(scale: Scale, answers: Floats, explained: Indices) -> Floats:
    """Explained column of the answers [n, k] of a model, on ``scale`` [n]."""
    rows = np.arange(len(answers))
    if scale in {Scale.PROBABILITY, Scale.PREDICTION}:
        return answers[rows, explained]
    logs = np.log(np.clip(answers, SMALLEST_PROBABILITY, None))
    if scale is Scale.LOG_ODDS:
        return logs[rows, explained] - logs[rows, 1 - explained]
    relative: Floats = logs[rows, explained] - logs.mean(axis=1)
    return relative


def additivity_error(explanation: Explanation, spread: float) -> Floats:
    """How far base and contributions together are from what the model answered [n].

    In units of a probability, or of ``spread`` (a standard deviation) where the answer is a quantity.
    """
    told = on_scale(explanation.scale, explanation.answers, explanation.explained)
    distance: Floats = np.abs(explanation.output - told)
    if explanation.scale is Scale.PROBABILITY:
        return distance
    if explanation.scale is Scale.PREDICTION:
        return distance / spread
    probability = explanation.answers[np.arange(len(told)), explanation.explained]
    return distance * np.clip(probability * (1 - probability), SMALLEST_PROBABILITY, None)
