"""The work of the child, done here without the sandbox around it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest

from secmlops.attack.evasion.adversary import Adversary
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.runtime.uncalibrated import uncalibrated
from secmlops.training import fitting
from secmlops.training.job import Orders
from secmlops.training.private.plan import plan_of
from secmlops.training.private.settings import PrivateTraining
from secmlops.training.references import read_references
from secmlops.training.reweighed import Reweighed
from secmlops.training.robust.hardened import Hardened
from secmlops.training.robust.robustness import Robustness
from secmlops.training.robust.settings import RobustSettings
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


def test_a_robust_model_leaves_a_report_and_no_memory(scratch: Callable) -> None:
    robust = Robustness(RobustSettings(budget=0.5, rounds=1, queries=2), Adversary(fixed=("age",)))
    folder = scratch(Task.BINARY, None, model="logistic_regression", robust=robust)
    fitting.run(folder)
    assert not (folder / "out/memory.bin").exists()
    told = Hardened.from_json((folder / "out/robust.json").read_bytes(), robust.settings)
    assert told.chosen
    assert told.plain
    assert told.chosen.robust >= told.plain.robust


def test_a_recalibrated_model_keeps_its_plain_answers_inside_and_leaves_no_memory(scratch: Callable) -> None:
    folder = scratch(Task.BINARY, None, model="logistic_regression", recalibrate="platt")
    fitting.run(folder)
    assert not (folder / "out/memory.bin").exists()
    assert uncalibrated((folder / "out/model.onnx").read_bytes())


def test_a_reweighed_model_tells_what_it_cost(scratch: Callable) -> None:
    folder = scratch(Task.BINARY, None, model="logistic_regression", reweigh=True)
    groups = np.arange(240) % 2
    (folder / "in/groups.npy").write_bytes(array_to_bytes(groups.astype(np.int64)))
    fitting.run(folder)
    told = Reweighed.from_json((folder / "out/reweighed.json").read_bytes())
    assert set(told.measures()) >= {"reweighing_price_on_training"}
    assert not (folder / "out/memory.bin").exists()


def test_a_private_fit_leaves_nothing_to_mend_it_by(scratch: Callable, problem: Callable) -> None:
    plan = plan_of(PrivateTraining(epsilon=1.0, delta=1e-5), problem()[1], "logistic_regression")
    folder = scratch(Task.BINARY, None, model="logistic_regression", private=plan)
    fitting.run(folder)
    assert not (folder / "out/memory.bin").exists()
    assert (folder / "out/model.onnx").exists()
    assert [p["rows"] for p in json.loads((folder / "out/curve.json").read_bytes())] == [240]


def test_reference_models_answer_and_leave_the_model_as_it_is(scratch: Callable) -> None:
    answered = []
    for references in (0, 2):
        place = scratch(Task.BINARY, None, model="random_forest", references=references)
        fitting.run(place)
        answered.append(array_from_bytes((place / "out/holdout.npy").read_bytes()))
        assert (place / "out/references.npy").exists() == bool(references)
    np.testing.assert_array_equal(*answered)
    given = read_references((place / "out/references.npy").read_bytes(), models=2, train=240, holdout=240, outputs=2)
    assert given.shape == (2, 480, 2)
    assert np.abs(given[0] - given[1]).max() > 0.1
