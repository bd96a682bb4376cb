"""Models under test whose answers the test chooses."""

from collections.abc import Callable

import numpy as np
import pytest

from secmlops.assurance.subject import LearningCurve, ModelUnderTest
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Inputs

Rows = tuple[np.ndarray, np.ndarray]
"""Target [n] and the answers [n, k] to it."""


@pytest.fixture(scope="session")
def under_test(echo: Callable[..., Predictor]) -> Callable[..., ModelUnderTest]:
    """Model of a task that answers the training rows and the holdout as given."""

    def build(
        train: Rows, holdout: Rows, task: Task = Task.BINARY, curve: LearningCurve | None = None, seed: int = 0
    ) -> ModelUnderTest:
        predictor = echo(task, train[1].shape[1])
        return ModelUnderTest(predictor, _examples(train), _examples(holdout), curve, seed)

    return build


def _examples(rows: Rows) -> Examples:
    target, answers = rows
    return Examples(Inputs(answers.astype(np.float32), np.empty((len(target), 0), object)), target)
