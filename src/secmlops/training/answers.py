"""What an estimator answers, in the form that every model of a project has."""

from typing import Any

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError
from secmlops.runtime.signature import Signature
from secmlops.training.advice import Advice


def answers(estimator: Any, frame: Any, signature: Signature) -> npt.NDArray[np.float64]:
    """Return the estimator's own answers to a table or DataFrame, float64 [n, k].

    A class it never saw has probability 0. Raises InputError for a classifier without probabilities.
    """
    if not signature.task.is_classification:
        return np.asarray(estimator.predict(frame), np.float64).reshape(len(frame), 1)
    if not hasattr(estimator, "predict_proba"):
        raise InputError(f"{type(estimator).__name__} gives no probabilities", hint=Advice.PROBABILITIES)
    whole = np.zeros((len(frame), len(signature.classes)))
    whole[:, np.asarray(estimator.classes_, np.intp)] = estimator.predict_proba(frame)
    return whole
