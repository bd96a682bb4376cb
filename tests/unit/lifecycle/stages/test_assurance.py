"""What the assurance stage looks at."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from secmlops.core.digest import Digest
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.stages.assurance import compressed
from secmlops.project.load import load_project
from secmlops.training.transport import array_to_bytes

PROJECT = """
secmlops: 1
name: loans
task: binary_classification
data: {source: t.csv, label: y}
training: {model: random_forest, compress: {prune: 0.5}}
"""
MADE = {
    "model.onnx": b"small",
    "uncompressed.onnx": b"large",
    "uncompressed_outputs": array_to_bytes(np.array([[0.25, 0.75]])),
    "way-linear.onnx": b"other",
}


def journey(text: str) -> Journey:
    runner = SimpleNamespace(product=lambda _, name: MADE[name])
    made = Journey(project=load_project(text), folder=Path(), runner=cast("Any", runner), identity="test")
    digests = {name: Digest.of(data) for name, data in MADE.items()}
    made.evidence["training.run"] = cast("Any", SimpleNamespace(products=digests))
    return made


def test_a_compressed_model_is_weighed_against_what_training_left_beside_it() -> None:
    model = cast("Any", object())
    found = compressed(journey(PROJECT), model)
    assert (found.model, found.before, found.ways) == (model, b"large", {"linear": b"other"})
    assert found.estimator_outputs is not None
    assert found.estimator_outputs.tolist() == [[0.25, 0.75]]
    assert found.timer is time.perf_counter


def test_a_model_that_was_not_compressed_is_weighed_against_nothing() -> None:
    assert compressed(journey(PROJECT.replace(", compress: {prune: 0.5}", "")), cast("Any", object())).before is None
