"""Small models written as ONNX by hand, and the trees of fitted ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from sklearn.ensemble import RandomForestClassifier

from kits.trees import CLASSES, NUMBERS, Trees, trees_of
from secmlops.core.task import Task
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.training.export import export
from secmlops.training.job import Orders
from secmlops.training.models import built_in
from secmlops.training.transport import array_to_bytes, table_to_bytes, to_table


@pytest.fixture(scope="session")
def plain() -> Callable[[int, Task], Signature]:
    """Signature of so many numbers, for two classes or a quantity."""

    def build(width: int, task: Task = Task.REGRESSION) -> Signature:
        features = tuple(Feature(name=f"x{i}", kind=FeatureKind.NUMERIC) for i in range(width))
        return Signature(task=task, features=features, classes=("n", "y") if task.is_classification else ())

    return build


@pytest.fixture(scope="session")
def rows() -> Callable[[np.ndarray], Inputs]:
    """Numbers as a model gets them."""
    return lambda numeric: Inputs(numeric.astype(np.float32), np.empty((len(numeric), 0), object))


@pytest.fixture(scope="session")
def network() -> Callable[..., bytes]:
    """Regression by layers of weights with Relu between them, as somebody else would write it."""

    def build(*weights: np.ndarray, opset: int = 18, gemm: bool = False) -> bytes:
        nodes, constants, last = [], [], "numeric"
        for number, matrix in enumerate(weights):
            name, out = f"w{number}", f"y{number}"
            bias = np.linspace(-1, 1, matrix.shape[1]).astype(np.float32)
            if gemm:
                nodes.append(helper.make_node("Gemm", [last, name, f"b{number}"], [out], transB=1, alpha=2.0, beta=0.5))
                constants.append(numpy_helper.from_array(matrix.T.astype(np.float32) / 2, name))
                constants.append(numpy_helper.from_array(bias * 2, f"b{number}"))
            else:
                nodes.append(helper.make_node("MatMul", [last, name], [f"p{number}"]))
                nodes.append(helper.make_node("Add", [f"p{number}", f"b{number}"], [out]))
                constants.append(numpy_helper.from_array(matrix.astype(np.float32), name))
                constants.append(numpy_helper.from_array(bias, f"b{number}"))
            last = f"r{number}"
            nodes.append(helper.make_node("Relu" if number + 1 < len(weights) else "Identity", [out], [last]))
        nodes[-1].output[0] = "prediction"
        graph = helper.make_graph(
            nodes,
            "network",
            [helper.make_tensor_value_info("numeric", TensorProto.FLOAT, ["n", weights[0].shape[0]])],
            [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["n", 1])],
            constants,
        )
        model: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
        return model.SerializeToString()

    return build


@pytest.fixture
def fitted(tmp_path: Path, problem: Callable) -> Callable[..., tuple[Orders, Any, Path]]:
    """A model where training has just left it."""

    def build(model: str) -> tuple[Orders, Any, Path]:
        examples, signature = problem(Task.BINARY)
        table = to_table(examples.inputs, signature)
        estimator = built_in(model)(table, examples.target, 3)
        files = {
            "in/train.arrow": table_to_bytes(table),
            "in/holdout.arrow": table_to_bytes(table.slice(0, 50)),
            "in/target.npy": array_to_bytes(examples.target),
            "out/model.onnx": export(estimator, signature),
            "out/holdout.npy": array_to_bytes(estimator.predict_proba(table.slice(0, 50))),
        }
        for name, data in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(data)
        orders = Orders(
            signature=signature, model=model, function="", file="", seed=3, fractions=(), frame="arrow", compress=None
        )
        return orders, estimator, tmp_path

    return build


@pytest.fixture(scope="session")
def signature(plain: Callable) -> Signature:
    """Signature of the kit's rows."""
    return plain(3, Task.BINARY)


@pytest.fixture(scope="session")
def forest(signature: Signature) -> Trees:
    """Ten trees that learnt them."""
    return trees_of(export(RandomForestClassifier(10, max_depth=4, random_state=0).fit(NUMBERS, CLASSES), signature))
