import numpy as np
import pytest

from kits.explain_world import signature_of
from secmlops.core.task import Task
from secmlops.explain.columns import Number
from secmlops.explain.explanation import Scale
from secmlops.explain.reading import Head, UnreadableError
from secmlops.explain.scores import scaled
from secmlops.explain.weights import read_weights

PARTS, BASE = np.array([[1.0, 3.0]]), np.array([0.5, 1.0])
TWO = {"classlabels_int64s": [0, 1]}


def test_two_scores_under_softmax_are_the_log_odds_of_the_second() -> None:
    scores = scaled(PARTS, BASE, TWO | {"post_transform": b"SOFTMAX"}, signature_of(Task.BINARY))
    assert scores.scale is Scale.LOG_ODDS
    assert (scores.parts.tolist(), scores.intercept.tolist()) == ([[2.0]], [0.5])


def test_the_event_is_the_last_score() -> None:
    for transform, scale in ((b"NONE", Scale.PROBABILITY), (b"LOGISTIC", Scale.LOG_ODDS)):
        scores = scaled(PARTS, BASE, TWO | {"post_transform": transform}, signature_of(Task.BINARY))
        assert (scores.scale, scores.parts.tolist(), scores.intercept.tolist()) == (scale, [[3.0]], [1.0])


def test_more_scores_under_softmax_are_centred() -> None:
    parts = np.array([[1.0, 2.0, 6.0]])
    given = {"classlabels_int64s": [0, 1, 2], "post_transform": b"SOFTMAX"}
    scores = scaled(parts, np.zeros(3), given, signature_of(Task.MULTICLASS))
    assert scores.scale is Scale.RELATIVE_LOG_PROBABILITY
    assert scores.parts.tolist() == [[-2.0, -1.0, 3.0]]


@pytest.mark.parametrize(
    ("task", "attributes"),
    [
        (Task.BINARY, {"classlabels_int64s": [1, 0]}),
        (Task.BINARY, {}),
        (Task.BINARY, TWO | {"post_transform": b"PROBIT"}),
        (Task.MULTICLASS, {"classlabels_int64s": [0, 1, 2], "post_transform": b"LOGISTIC"}),
        (Task.REGRESSION, {}),
        (Task.REGRESSION, {"post_transform": b"LOGISTIC"}),
    ],
)
def test_answers_that_are_no_sum_are_unreadable(task: Task, attributes: dict[str, object]) -> None:
    with pytest.raises(UnreadableError):
        scaled(PARTS, BASE, attributes, signature_of(task))


def test_weights_stand_column_by_column() -> None:
    columns = (Number(0), Number(1))
    given = {"coefficients": [1.0, 2.0, 3.0, 4.0], "intercepts": [5.0, 6.0]}
    weights, intercepts = read_weights(Head("LinearClassifier", given, columns))
    assert weights.tolist() == [[1, 3], [2, 4]]
    assert intercepts.tolist() == [5, 6]
    for wrong in ({"coefficients": [1.0]}, {"coefficients": [1.0], "intercepts": [0.0]}):
        with pytest.raises(UnreadableError):
            read_weights(Head("LinearClassifier", wrong, columns))
