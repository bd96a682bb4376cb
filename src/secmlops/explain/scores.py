"""The scores that an ONNX head adds up, brought to the scale on which they are explained."""

from dataclasses import dataclass

import numpy as np

from secmlops.core.task import Task
from secmlops.explain.explanation import Floats, Scale
from secmlops.explain.reading import Attributes, UnreadableError
from secmlops.runtime.signature import Signature


@dataclass(frozen=True, slots=True)
class Scores:
    """``parts`` [m, k] that are added up by a head, beside its ``intercept`` [k], on ``scale``.

    k is 1, or the number of classes where each has a column of its own.
    """

    scale: Scale
    parts: Floats
    intercept: Floats


def scaled(parts: Floats, intercept: Floats, attributes: Attributes, signature: Signature) -> Scores:
    """Scores of a head with ``parts`` [m, j] and ``intercept`` [j], by its post-transform.

    Raises UnreadableError where the answer is no sum of the parts on any scale, or not about the signature's classes.
    """
    transform = attributes.get("post_transform", b"NONE")
    if not signature.task.is_classification:
        if transform != b"NONE" or parts.shape[1] != 1:
            raise UnreadableError("more than one target, or one that is transformed")
        return Scores(Scale.PREDICTION, parts, intercept)
    if list(attributes.get("classlabels_int64s", attributes.get("classlabels_ints", ()))) != _labels(signature):
        raise UnreadableError("the classes are not those of the signature, in their order")
    if transform == b"NONE":
        return _chosen(Scale.PROBABILITY, parts, intercept, signature.task)
    if transform == b"SOFTMAX":
        return _softmax(parts, intercept)
    if transform == b"LOGISTIC" and signature.task is Task.BINARY:
        return _chosen(Scale.LOG_ODDS, parts, intercept, signature.task)
    raise UnreadableError("probabilities that are no sum on any scale")


def _labels(signature: Signature) -> list[int]:
    return list(range(len(signature.classes)))


def _chosen(scale: Scale, parts: Floats, intercept: Floats, task: Task) -> Scores:
    """Scores of the event where there are two classes, of every class where there are more."""
    columns = slice(-1, None) if task is Task.BINARY else slice(None)
    return Scores(scale, parts[:, columns], intercept[columns])


def _softmax(parts: Floats, intercept: Floats) -> Scores:
    if parts.shape[1] == 2:
        return Scores(Scale.LOG_ODDS, parts[:, 1:] - parts[:, :1], intercept[1:] - intercept[:1])
    centred = parts - parts.mean(axis=1, keepdims=True)
    return Scores(Scale.RELATIVE_LOG_PROBABILITY, centred, np.asarray(intercept - intercept.mean(), np.float64))
