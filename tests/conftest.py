"""Fixtures that every room's tests may use, and what holds for every process of a run.

Numbers are computed on one thread: several processes share the cores, and threads that wait for one another spin.
Byte code is kept, whatever the caller's environment says: a child process starts in half the time.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from secmlops.core.task import Task
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Signature

os.environ["OMP_NUM_THREADS"] = "1"
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def _no_signal_stays_held_back() -> Iterator[None]:
    """What a test holds back, all processes started later would inherit, and be deaf to Ctrl-C."""
    yield
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set(), "this test left signals blocked"


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Path of a file or folder of the real data and official vectors; the test is skipped where it is missing."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"real data {name} is not beside this checkout (../shared/data)")
        return path

    return find


@pytest.fixture(scope="session")
def echo() -> Callable[..., Predictor]:
    """Predictor of a task and a number of outputs that answers its numeric inputs, so that a test sets the answers."""

    def build(task: Task = Task.BINARY, width: int = 2) -> Predictor:
        output = "probabilities" if task.is_classification else "prediction"
        graph = helper.make_graph(
            [helper.make_node("Identity", ["numeric"], [output])],
            "echo",
            [helper.make_tensor_value_info("numeric", TensorProto.FLOAT, [None, width])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, [None, width])],
        )
        model: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        features = tuple(Feature(name=f"answer_{i}", kind=FeatureKind.NUMERIC) for i in range(width))
        classes = tuple(f"class_{i}" for i in range(width)) if task.is_classification else ()
        return Predictor(model.SerializeToString(), Signature(task=task, features=features, classes=classes))

    return build
