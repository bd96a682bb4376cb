"""Small models to explain, and the brute force that the explanations are held to."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from secmlops.core.task import Task
from secmlops.explain.explanation import Scale, on_scale
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.training.export import export

FEATURES = (
    Feature(name="colour", kind=FeatureKind.CATEGORICAL, categories=("blue", "green", "red")),
    Feature(name="weight", kind=FeatureKind.NUMERIC, nullable=True),
    Feature(name="age", kind=FeatureKind.NUMERIC),
    Feature(name="shape", kind=FeatureKind.CATEGORICAL, categories=("round",), nullable=True),
    Feature(name="noise", kind=FeatureKind.NUMERIC),
)
CLASSES = {Task.BINARY: ("no", "yes"), Task.MULTICLASS: ("low", "middle", "high"), Task.REGRESSION: ()}


def signature_of(task: Task) -> Signature:
    return Signature(task=task, features=FEATURES, classes=CLASSES[task])


def world(task: Task, rows: int = 300, seed: int = 0) -> tuple[Inputs, np.ndarray]:
    """Rows with missing values and interactions, and their target; ``noise`` has nothing to do with it."""
    rng = np.random.default_rng(seed)
    numeric = rng.normal(size=(rows, 3)).astype(np.float32)
    texts = np.stack([rng.choice(["blue", "green", "red"], rows), rng.choice(["round", ""], rows)], axis=1)
    score = numeric[:, 0] + 2 * (texts[:, 0] == "red") * numeric[:, 1] + (texts[:, 1] == "round")
    score = score + 0.3 * rng.normal(size=rows)
    numeric[::17, 0] = np.nan
    classes = len(CLASSES[task])
    target = np.digitize(score, np.quantile(score, np.arange(1, classes) / classes)) if classes else score
    return Inputs(numeric, texts.astype(object)), target


def table_of(inputs: Inputs) -> pa.Table:
    """The rows as training gets them: numbers first, as the splitting of columns has it."""
    columns: dict[str, object] = {}
    numbers, texts = iter(inputs.numeric.T), iter(inputs.categorical.T)
    for feature in FEATURES:
        kind = feature.kind is FeatureKind.NUMERIC
        columns[feature.name] = next(numbers) if kind else pa.array(next(texts).tolist())
    return pa.table(columns)


def fitted(fit: Callable[..., object], task: Task, rows: int = 300) -> tuple[bytes, Predictor, Inputs]:
    """ONNX bytes of a model fitted on the world, its predictor, and the rows that it learnt from."""
    inputs, target = world(task, rows)
    with threadpool_limits(1):  # on a busy machine threads of boosting wait for each other
        model = export(fit(table_of(inputs), target, 0), signature_of(task))
    return model, Predictor(model, signature_of(task)), inputs


def brute_force(row: Inputs, background: Inputs, model: Predictor, scale: Scale, column: int) -> np.ndarray:
    """Shapley values [p] of one row by their definition (Shapley 1953), over all subsets of the features."""
    features = model.signature.features
    numeric = [i for i, f in enumerate(features) if f.kind is FeatureKind.NUMERIC]
    categorical = [i for i, f in enumerate(features) if f.kind is FeatureKind.CATEGORICAL]
    worth = {}
    for subset in itertools.product((False, True), repeat=len(features)):
        chosen = np.array(subset)
        mixed = Inputs(
            np.where(chosen[numeric], row.numeric, background.numeric),
            np.where(chosen[categorical], row.categorical, background.categorical),
        )
        answers = model.predict(mixed)
        worth[subset] = on_scale(scale, answers, np.full(len(answers), column)).mean()
    values = np.zeros(len(features))
    for feature in range(len(features)):
        for subset in (s for s in worth if not s[feature]):
            with_it = (*subset[:feature], True, *subset[feature + 1 :])
            size, others = sum(subset), len(features) - sum(subset) - 1
            share = math.factorial(size) * math.factorial(others) / math.factorial(len(features))
            values[feature] += share * (worth[with_it] - worth[subset])
    return values
