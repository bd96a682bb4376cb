"""The work of the child, done here without the sandbox around it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.training import fitting
from secmlops.training.job import Orders
from secmlops.training.transport import array_from_bytes, array_to_bytes, table_to_bytes, to_table

DUMMY = b"""
from sklearn.dummy import DummyRegressor
import numpy as np
class Mean:
    def __init__(self, y):
        self.mean = float(np.mean(y))
    def predict(self, X):
        return np.full(len(X), self.mean)
def fit(X, y, seed):
    return Mean(y)
"""


@pytest.fixture
def scratch(tmp_path: Path, problem: Callable, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.delitem(sys.modules, "train", raising=False)
    for name in ("in", "out"):
        (tmp_path / name).mkdir()

    def prepare(task: Task, source: bytes | None, **changes: object) -> Path:
        examples, signature = problem(task)
        table = table_to_bytes(to_table(examples.inputs, signature))
        values = {"model": None, "function": "fit", "file": "train.py", "seed": 1, "fractions": (), "frame": "arrow"}
        orders = Orders(signature=signature, **{**values, **changes})  # type: ignore[arg-type]
        (tmp_path / "in/orders.json").write_bytes(msgspec.json.encode(orders))
        (tmp_path / "in/train.arrow").write_bytes(table)
        (tmp_path / "in/holdout.arrow").write_bytes(table)
        (tmp_path / "in/target.npy").write_bytes(array_to_bytes(examples.target))
        if source is not None:
            (tmp_path / "in/train.py").write_bytes(source)
        return tmp_path

    return prepare


def test_a_built_in_model_leaves_all_four_answers(scratch: Callable) -> None:
    folder = scratch(Task.REGRESSION, None, model="linear_regression", fractions=(0.5,))
    fitting.run(folder)
    assert {p.name for p in (folder / "out").iterdir()} == {
        "model.onnx",
        "holdout.npy",
        "curve.json",
        "environment.json",
    }
    assert array_from_bytes((folder / "out/holdout.npy").read_bytes()).shape == (240, 1)
    assert [p["rows"] for p in json.loads((folder / "out/curve.json").read_bytes())] == [120, 240]


@pytest.mark.parametrize(
    ("task", "source", "told"),
    [
        (Task.BINARY, b"x = 1", "there is no function fit"),
        (Task.BINARY, b"fit = 1", "there is no function fit"),
        (Task.BINARY, DUMMY, "Mean gives no probabilities"),
        (Task.REGRESSION, DUMMY, "Mean"),
    ],
    ids=["no function", "not a function", "no probabilities", "no converter"],
)
def test_code_that_gives_no_model_is_told(scratch: Callable, task: Task, source: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        fitting.run(scratch(task, source))


def test_a_class_that_was_never_seen_has_probability_0(scratch: Callable, problem: Callable) -> None:
    examples, signature = problem(Task.MULTICLASS)

    class TwoOfThree:
        classes_ = np.array([0, 2])

        def predict_proba(self, table: object) -> np.ndarray:
            return np.full((240, 2), 0.5)

    orders = msgspec.json.decode((scratch(Task.MULTICLASS, None) / "in/orders.json").read_bytes(), type=Orders)
    answers = fitting._answers(TwoOfThree(), to_table(examples.inputs, signature), orders)
    assert answers[0].tolist() == [0.5, 0.0, 0.5]
