"""Which operators are products of rows with constants."""

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from secmlops.training.compress.dense import products_of

WEIGHTS = np.arange(6, dtype=np.float32).reshape(2, 3)


def graph(kind: str, inputs: list[str], outputs: list[str], **attributes: object) -> onnx.GraphProto:
    node = helper.make_node(kind, inputs, outputs, **attributes)
    constants = {"w": WEIGHTS, "b": np.ones(3, np.float32), "double": WEIGHTS.astype(np.float64)}
    held = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    outer = [helper.make_tensor_value_info(outputs[-1], 1, None)]
    return helper.make_graph([node], "g", [], outer, held)


def test_a_gemm_is_read_with_its_factors() -> None:
    (product,) = products_of(graph("Gemm", ["x", "w", "b"], ["y"], alpha=2.0, beta=3.0))
    assert np.array_equal(product.weights, 2 * WEIGHTS)
    assert product.bias.tolist() == [3.0, 3.0, 3.0]


def test_a_linear_model_is_read_as_scores_and_what_comes_after() -> None:
    given = {"coefficients": WEIGHTS.ravel().tolist(), "intercepts": [1.0, 2.0], "classlabels_ints": [0, 1]}
    linear = graph("LinearClassifier", ["x"], ["label", "p"], post_transform="LOGISTIC", **given)
    (product,) = products_of(linear)
    assert np.array_equal(product.weights, WEIGHTS.T)
    assert (product.output, product.after, product.bias.tolist()) == ("p", "Sigmoid", [1.0, 2.0])
    (regressor,) = products_of(graph("LinearRegressor", ["x"], ["y"], coefficients=[1.0, 2.0], intercepts=[3.0]))
    assert (regressor.weights.shape, regressor.bias.tolist()) == ((2, 1), [3.0])


@pytest.mark.parametrize(
    ("kind", "inputs", "attributes"),
    [
        ("Gemm", ["x", "w", "b"], {"transA": 1}),
        ("Gemm", ["x", "w", "unknown"], {}),
        ("MatMul", ["x", "double"], {}),
        ("MatMul", ["x", "unknown"], {}),
        ("MatMul", ["w", "w"], {}),
        ("LinearRegressor", ["x"], {"coefficients": [1.0], "post_transform": "PROBIT"}),
        ("LinearClassifier", ["x"], {"coefficients": [1.0], "intercepts": [0.0], "classlabels_ints": [0]}),
    ],
)
def test_what_is_no_plain_product_is_left_alone(kind: str, inputs: list[str], attributes: dict[str, object]) -> None:
    outputs = ["label", "y"] if kind == "LinearClassifier" else ["y"]
    assert products_of(graph(kind, inputs, outputs, **attributes)) == ()


def test_a_classifier_whose_label_is_used_is_left_alone() -> None:
    given = {"coefficients": [1.0, 2.0], "intercepts": [0.0, 0.0], "classlabels_ints": [0, 1]}
    linear = graph("LinearClassifier", ["x"], ["label", "p"], **given)
    linear.node.append(helper.make_node("Identity", ["label"], ["seen"]))
    assert products_of(linear) == ()
