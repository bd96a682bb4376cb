"""Honest tables to poison: the columns go together with the label in known ways, with noise."""

import numpy as np

from secmlops.core.task import Task
from secmlops.data.prepare import Prepared
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

NUMERIC = ("age", "income", "rate", "burden")
CATEGORICAL = ("region", "housing")


def examples(rows: int = 2_000, seed: int = 0, noise: float = 0.4) -> Examples:
    """Four numeric and two categorical columns; the first three and the last decide between two classes."""
    rng = np.random.default_rng(seed)
    numeric = rng.normal(size=(rows, 4)).astype(np.float32)
    region = np.array(["north", "east", "south", "west"], object)[rng.integers(4, size=rows)]
    housing = np.array(["own", "rent", "free"], object)[rng.integers(3, size=rows)]
    score = numeric[:, 0] + numeric[:, 1] - 0.8 * numeric[:, 2] + 0.7 * (housing == "own")
    target = (score + noise * rng.normal(size=rows) > 0.2).astype(np.int64)
    return Examples(Inputs(numeric, np.stack([region, housing], axis=1)), target)


def prepared(given: Examples, task: Task = Task.BINARY) -> Prepared:
    """The examples, split in the middle, with a signature that fits them."""
    half = len(given) // 2
    rows = np.arange(len(given))
    features = (
        *(Feature(name=name, kind=FeatureKind.NUMERIC) for name in NUMERIC),
        *(Feature(name=name, kind=FeatureKind.CATEGORICAL) for name in CATEGORICAL),
    )
    classes = tuple(f"class {k}" for k in range(int(given.target.max()) + 1)) if task.is_classification else ()
    signature = Signature(task=task, features=features, classes=classes)
    train, holdout = rows[:half], rows[half:]
    return Prepared(signature, given.take(train), given.take(holdout), train, holdout, {})
