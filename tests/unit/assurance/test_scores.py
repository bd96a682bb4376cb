import numpy as np
import pytest
from sklearn import metrics as reference

from secmlops.assurance.scores import GUESS, HEADLINE, baseline_outputs, called, headline, plain, scores, strata
from secmlops.core.task import Task

RNG = np.random.default_rng(8)


def test_binary_scores_are_the_usual_ones() -> None:
    target = RNG.integers(0, 2, 300)
    event = np.clip(0.3 * target + RNG.random(300) * 0.7, 0, 1)
    outputs = np.stack([1 - event, event], axis=1)
    measured = plain(scores(Task.BINARY, target, outputs), 300)
    predicted = event >= 0.5
    assert measured == pytest.approx(
        {
            "auc": reference.roc_auc_score(target, event),
            "average_precision": reference.average_precision_score(target, event),
            "accuracy": reference.accuracy_score(target, predicted),
            "balanced_accuracy": reference.balanced_accuracy_score(target, predicted),
            "precision": reference.precision_score(target, predicted),
            "recall": reference.recall_score(target, predicted),
            "f1": reference.f1_score(target, predicted),
            "brier": reference.brier_score_loss(target, event),
            "log_loss": reference.log_loss(target, outputs),
        }
    )


def test_multiclass_scores_are_the_usual_ones() -> None:
    target = RNG.integers(0, 4, 300)
    outputs = RNG.dirichlet([1, 1, 1, 1], 300)
    measured = plain(scores(Task.MULTICLASS, target, outputs), 300)
    predicted = outputs.argmax(axis=1)
    assert measured == pytest.approx(
        {
            "auc": reference.roc_auc_score(target, outputs, multi_class="ovr"),
            "accuracy": reference.accuracy_score(target, predicted),
            "balanced_accuracy": reference.balanced_accuracy_score(target, predicted),
            "f1": reference.f1_score(target, predicted, average="macro"),
            "log_loss": reference.log_loss(target, outputs),
        }
    )


def test_regression_scores_are_the_usual_ones() -> None:
    target = RNG.normal(size=100)
    outputs = (target + RNG.normal(size=100))[:, None]
    assert plain(scores(Task.REGRESSION, target, outputs), 100) == pytest.approx(
        {
            "r2": reference.r2_score(target, outputs),
            "mae": reference.mean_absolute_error(target, outputs),
            "rmse": reference.root_mean_squared_error(target, outputs),
        }
    )


@pytest.mark.parametrize(("task", "width"), [(Task.BINARY, 2), (Task.MULTICLASS, 3), (Task.REGRESSION, 1)])
def test_the_headline_is_one_of_the_scores(task: Task, width: int) -> None:
    target = RNG.integers(0, max(width, 2), 50)
    outputs = RNG.dirichlet([1] * width, 50) if width > 1 else RNG.random((50, 1))
    name = HEADLINE[task]
    assert plain(headline(task, target, outputs), 50) == {name: plain(scores(task, target, outputs), 50)[name]}


@pytest.mark.parametrize(("task", "width"), [(Task.BINARY, 2), (Task.MULTICLASS, 3), (Task.REGRESSION, 1)])
def test_the_baseline_scores_as_a_guess(task: Task, width: int) -> None:
    target = np.arange(60) % max(width, 2)
    outputs = baseline_outputs(task, target, 60, width)
    assert plain(headline(task, target, outputs), 60)[HEADLINE[task]] == pytest.approx(GUESS[task])


def test_the_baseline_knows_the_training_data_only() -> None:
    train = np.array([0, 0, 0, 1])
    assert baseline_outputs(Task.BINARY, train, 2, 2).tolist() == [[0.75, 0.25]] * 2
    assert baseline_outputs(Task.MULTICLASS, train, 1, 3).tolist() == [[0.75, 0.25, 0.0]]
    assert baseline_outputs(Task.REGRESSION, train, 1, 1).tolist() == [[0.25]]


def test_classes_are_called_at_the_threshold_or_by_likelihood() -> None:
    outputs = np.array([[0.5, 0.5], [0.51, 0.49], [0.7, 0.3]])
    assert called(outputs).tolist() == [1, 0, 0]
    assert called(outputs, 0.3).tolist() == [1, 1, 1]
    assert called(np.array([[0.2, 0.3, 0.5], [0.4, 0.3, 0.3]])).tolist() == [2, 0]


def test_quantities_are_resampled_together() -> None:
    assert strata(Task.REGRESSION, np.array([1.5, 2.5])).tolist() == [0, 0]
    assert strata(Task.BINARY, np.array([1, 0])).tolist() == [1, 0]
