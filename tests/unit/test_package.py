"""The package itself: what importing any part of it settles for the whole process."""

import os
import subprocess
import sys
from pathlib import Path

SESSION = """
import secmlops.runtime.bounds as bounds
bounds.bound_memory()
import onnx, onnxruntime
from onnx import TensorProto, helper
value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("in", "out")]
graph = helper.make_graph([helper.make_node("Identity", ["in"], ["out"])], "g", value[:1], value[1:])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
session = onnxruntime.InferenceSession(model.SerializeToString())
print(session.run(None, {"in": [1.0]})[0][0])
"""


def run_session(home: Path, **more: str) -> str:
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], **more}
    done = subprocess.run([sys.executable, "-c", SESSION], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_running_a_model_leaves_nothing_under_the_home(tmp_path: Path) -> None:
    assert run_session(tmp_path) == "1.0\n"
    assert list(tmp_path.rglob("*")) == []


def test_the_environment_cannot_turn_telemetry_on_again(tmp_path: Path) -> None:
    run_session(tmp_path, ORT_DISABLE_TELEMETRY="0")
    assert list(tmp_path.rglob("*")) == []
