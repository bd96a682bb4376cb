"""Derivatives of convolutional networks against differences, at values without ties."""

from collections.abc import Sequence

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from secmlops.core.task import Task
from secmlops.runtime.gradient import slope as reading
from secmlops.runtime.gradient.images import IMAGES
from secmlops.runtime.gradient.operators import UnderivableError
from secmlops.runtime.gradient.shapes import SHAPES
from secmlops.runtime.gradient.slope import Slope
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

GENERATOR = np.random.default_rng(7)
CHANNELS, HEIGHT, WIDTH = 2, 6, 5
COLUMNS = CHANNELS * HEIGHT * WIDTH
KNOWN = Signature(
    task=Task.REGRESSION, features=tuple(Feature(name=f"p{i}", kind=FeatureKind.NUMERIC) for i in range(COLUMNS))
)
ROWS = Inputs(GENERATOR.normal(size=(4, COLUMNS)).astype(np.float32), np.empty((4, 0), object))
node = helper.make_node


def weights(*shape: int) -> np.ndarray:
    return GENERATOR.normal(size=shape).astype(np.float32)


def model(*nodes: onnx.NodeProto, last: str, width: int, **constants: np.ndarray) -> bytes:
    """Images behind ``nodes``, whose ``last`` values [n, width] are put together into one sum."""
    whole = [
        node("Reshape", ["numeric", "shape"], ["x"]),
        *nodes,
        node("Reshape", [last, "flat"], ["rows"]),
        node("MatMul", ["rows", "sum"], ["prediction"]),
    ]
    held = constants | {
        "shape": np.array([-1, CHANNELS, HEIGHT, WIDTH]),
        "flat": np.array([0, -1]),
        "sum": weights(width, 1),
    }
    graph = helper.make_graph(
        whole,
        "g",
        [helper.make_tensor_value_info("numeric", TensorProto.FLOAT, [None, COLUMNS])],
        [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, [None, 1])],
        [numpy_helper.from_array(value, name) for name, value in held.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()


def check(data: bytes) -> None:
    slope = Slope.of(data, Predictor(data, KNOWN), ROWS)
    assert isinstance(slope, Slope), slope
    found = slope.gradient(ROWS, np.ones_like)
    moved = np.repeat(ROWS.numeric.astype(np.float64), 2 * COLUMNS, axis=0)
    steps = np.concatenate([np.eye(COLUMNS), -np.eye(COLUMNS)]) * 1e-5
    moved += np.tile(steps, (len(ROWS), 1))
    answers = slope.outputs(Inputs(moved, np.empty((len(moved), 0), object))).reshape(len(ROWS), 2, COLUMNS)
    np.testing.assert_allclose(found, (answers[:, 0] - answers[:, 1]) / 2e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("attributes", "shape", "places"),
    [
        ({"pads": [1, 0, 1, 2]}, (4, 2, 3, 3), 6 * 5),
        ({"strides": [2, 1], "dilations": [2, 2], "auto_pad": "VALID"}, (4, 2, 2, 2), 2 * 3),
        ({"group": 2, "auto_pad": "SAME_UPPER", "strides": [2, 2]}, (4, 1, 3, 2), 3 * 3),
        ({"auto_pad": "SAME_LOWER"}, (4, 2, 2, 2), 6 * 5),
    ],
)
def test_convolutions(attributes: dict, shape: Sequence[int], places: int):
    conv = node("Conv", ["x", "w", "b"], ["y"], **attributes)
    after = node("Tanh", ["y"], ["t"])
    check(model(conv, after, last="t", width=shape[0] * places, w=weights(*shape), b=weights(shape[0])))


@pytest.mark.parametrize(
    ("kind", "attributes", "width"),
    [
        ("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2]}, 2 * 3 * 2),
        ("MaxPool", {"kernel_shape": [3, 2], "pads": [1, 0, 1, 1]}, 2 * 6 * 5),
        ("AveragePool", {"kernel_shape": [2, 2], "pads": [1, 1, 0, 0]}, 2 * 6 * 5),
        ("AveragePool", {"kernel_shape": [2, 2], "pads": [1, 1, 0, 0], "count_include_pad": 1}, 2 * 6 * 5),
        ("GlobalAveragePool", {}, 2),
        ("ReduceMean", {"axes": [2, 3], "keepdims": 0}, 2),
        ("Transpose", {"perm": [0, 2, 3, 1]}, COLUMNS),
        ("Flatten", {}, COLUMNS),
    ],
)
def test_pools_and_shapes(kind: str, attributes: dict, width: int):
    after = node("Sigmoid", ["y"], ["s"])
    check(model(node(kind, ["x"], ["y"], **attributes), after, last="s", width=width))


def test_a_network_of_branches_with_normalised_channels_in_several_turns(monkeypatch: pytest.MonkeyPatch):
    """Each channel is weighed by its own mean, as squeeze-and-excitation does: a slope through what is broadcast."""
    data = model(
        node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
        node("BatchNormalization", ["c", "scale", "base", "mean", "variance"], ["n"]),
        node("Relu", ["n"], ["r"]),
        node("GlobalAveragePool", ["r"], ["g"]),
        node("Sigmoid", ["g"], ["s"]),
        node("Mul", ["r", "s"], ["m"]),
        node("Add", ["m", "n"], ["a"]),
        last="a",
        width=3 * HEIGHT * WIDTH,
        w=weights(3, 2, 3, 3),
        scale=weights(3),
        base=weights(3),
        mean=weights(3),
        variance=np.square(weights(3)) + 1,
    )
    check(data)
    monkeypatch.setattr(reading, "_MOST_VALUES", 1)  # one row at a time
    check(data)


@pytest.mark.parametrize(
    ("kind", "attributes", "more"),
    [
        ("MaxPool", {"kernel_shape": [4, 4], "strides": [4, 4], "ceil_mode": 1}, []),
        ("MaxPool", {"kernel_shape": [2]}, []),
        ("AveragePool", {"kernel_shape": [2, 2], "auto_pad": b"OTHER"}, []),
        ("BatchNormalization", {"training_mode": 1}, [np.ones(2)] * 4),
        ("ReduceMean", {"axes": [0]}, []),
        ("Transpose", {"perm": [1, 0, 2, 3]}, []),
        ("Transpose", {}, []),
        ("Reshape", {}, [np.array([-1, COLUMNS // 2])]),
        ("Reshape", {}, [np.array([1, -1])]),
        ("Flatten", {"axis": 0}, []),
    ],
)
def test_what_is_not_known_of_images_is_said(kind: str, attributes: dict, more: list[np.ndarray]):
    images = ROWS.numeric.reshape(-1, CHANNELS, HEIGHT, WIDTH)
    with pytest.raises(UnderivableError):
        {**IMAGES, **SHAPES}[kind].forward([images, *more], attributes)
