"""The metrics that suit each task, of outputs against the truth, and the trivial guess that a model must beat."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from secmlops.assurance import metrics
from secmlops.assurance.bootstrap import Statistics
from secmlops.assurance.metrics import Confusion, Floats, Ranking, Weights
from secmlops.assurance.subject import Outputs, Target
from secmlops.core.task import Task

HEADLINE: Mapping[Task, str] = {Task.BINARY: "auc", Task.MULTICLASS: "auc", Task.REGRESSION: "r2"}
"""The metric by which a model of each task is compared with a guess and with itself on other rows; 1 is perfect."""

GUESS: Mapping[Task, float] = {Task.BINARY: 0.5, Task.MULTICLASS: 0.5, Task.REGRESSION: 0.0}
"""The headline of a guess that knows nothing about the row."""


def scores(task: Task, target: Target, outputs: Outputs) -> Statistics:
    """Every metric of ``task``; classes are called at the largest probability, for two classes at 0.5."""
    if task is Task.REGRESSION:
        return _regression(target.astype(np.float64), outputs[:, 0])
    classes = target.astype(np.int64)
    return _binary(classes, outputs) if task is Task.BINARY else _multiclass(classes, outputs)


def headline(task: Task, target: Target, outputs: Outputs) -> Statistics:
    """Only the headline metric of ``task``."""
    if task is Task.REGRESSION:
        quantities = target.astype(np.float64)
        return lambda weights: {"r2": metrics.r2(quantities, outputs[:, 0], weights)}
    rankings = _rankings(target.astype(np.int64), outputs)
    return lambda weights: {"auc": _macro_auc(rankings, weights)}


def plain(statistics: Statistics, rows: int) -> dict[str, float]:
    """Statistics of the rows as they are, each counted once."""
    return {name: float(values[0]) for name, values in statistics(metrics.once(rows)).items()}


def baseline_outputs(task: Task, train: Target, rows: int, width: int) -> Outputs:
    """Outputs [rows, width] of a guess: the training data's class shares, or the mean of its target."""
    if task is Task.REGRESSION:
        return np.full((rows, 1), float(train.mean()))
    shares = np.bincount(train.astype(np.int64), minlength=width) / len(train)
    return np.tile(shares, (rows, 1))


def strata(task: Task, target: Target) -> npt.NDArray[np.int64]:
    """Strata [n] to resample in: the classes, or for a regression all rows together."""
    return target.astype(np.int64) if task.is_classification else np.zeros(len(target), np.int64)


def called(outputs: Outputs, threshold: float = 0.5) -> npt.NDArray[np.int64]:
    """Classes called [n]: the event where its probability reaches ``threshold``, with more classes the likeliest."""
    if outputs.shape[1] == 2:
        return (outputs[:, 1] >= threshold).astype(np.int64)
    likeliest: npt.NDArray[np.int64] = outputs.argmax(axis=1)
    return likeliest


def _binary(target: npt.NDArray[np.int64], outputs: Outputs) -> Statistics:
    event, probability, predicted = target == 1, outputs[:, 1], called(outputs)
    ranking = Ranking.of(event, probability)

    def measure(weights: Weights) -> dict[str, Floats]:
        tally, confusion = ranking.tally(weights), Confusion.of(target, predicted, weights)
        return {
            "auc": metrics.auc(tally),
            "average_precision": metrics.average_precision(tally),
            "accuracy": metrics.accuracy(confusion),
            "balanced_accuracy": metrics.balanced_accuracy(confusion),
            "precision": metrics.precision(confusion)[:, 1],
            "recall": metrics.recall(confusion)[:, 1],
            "f1": metrics.f1(confusion)[:, 1],
            "brier": metrics.brier(event, probability, weights),
            "log_loss": metrics.log_loss(target, outputs, weights),
        }

    return measure


def _multiclass(target: npt.NDArray[np.int64], outputs: Outputs) -> Statistics:
    rankings, predicted = _rankings(target, outputs), called(outputs)

    def measure(weights: Weights) -> dict[str, Floats]:
        confusion = Confusion.of(target, predicted, weights)
        return {
            "auc": _macro_auc(rankings, weights),
            "accuracy": metrics.accuracy(confusion),
            "balanced_accuracy": metrics.balanced_accuracy(confusion),
            "f1": metrics.macro_f1(confusion),
            "log_loss": metrics.log_loss(target, outputs, weights),
        }

    return measure


def _regression(target: Floats, predicted: Floats) -> Statistics:
    return lambda weights: {
        "r2": metrics.r2(target, predicted, weights),
        "mae": metrics.mae(target, predicted, weights),
        "rmse": metrics.rmse(target, predicted, weights),
    }


def _rankings(target: npt.NDArray[np.int64], outputs: Outputs) -> list[Ranking]:
    """Rank the rows by the probability of each class that occurs; of two classes by that of the event."""
    occurring = [1] if outputs.shape[1] == 2 else np.unique(target).tolist()
    return [Ranking.of(target == c, outputs[:, c]) for c in occurring]


def _macro_auc(rankings: list[Ranking], weights: Weights) -> Floats:
    """Mean of each class's AUC against all others."""
    average: Floats = np.mean([metrics.auc(ranking.tally(weights)) for ranking in rankings], axis=0)
    return average
