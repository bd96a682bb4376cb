"""Small examples of every task, with missing values of both kinds."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

FEATURES = (
    Feature(name="annual income", kind=FeatureKind.NUMERIC),
    Feature(name="age", kind=FeatureKind.NUMERIC),
    Feature(name="größe", kind=FeatureKind.NUMERIC),
    Feature(name="purpose", kind=FeatureKind.CATEGORICAL),
    Feature(name="numeric", kind=FeatureKind.CATEGORICAL),
)


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Fit on one thread, as the sandbox does: on a busy machine several wait for one another."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def problem() -> Callable[..., tuple[Examples, Signature]]:
    """Examples of a task, learnable from the first number and the first category."""

    def build(task: Task = Task.BINARY, rows: int = 240) -> tuple[Examples, Signature]:
        draw = np.random.default_rng(5)
        numeric = draw.normal(size=(rows, 3)).astype(np.float32)
        categorical = np.array(["car", "house", "zürich", ""], object)[draw.integers(0, 4, (rows, 2))]
        score = numeric[:, 0] + (categorical[:, 0] == "car")
        numeric[draw.random(numeric.shape) < 0.05] = np.nan
        classes = {Task.BINARY: ("no", "yes"), Task.MULTICLASS: ("low", "middle", "high"), Task.REGRESSION: ()}[task]
        edges = np.quantile(score, [0.5] if task is Task.BINARY else [0.33, 0.66])
        target = np.digitize(score, edges).astype(np.int64) if classes else score.astype(np.float64)
        return Examples(Inputs(numeric, categorical), target), Signature(task=task, features=FEATURES, classes=classes)

    return build
