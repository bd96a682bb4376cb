"""Products in integers, against the bound that rounding allows, and against what could go wrong."""

from collections.abc import Callable

import numpy as np
import onnx
import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.core.task import Task
from secmlops.runtime.predictor import Predictor
from secmlops.training.compress.integer import WEIGHT_LIMIT, Range, quantise
from secmlops.training.compress.settings import Scheme

DRAW = np.random.default_rng(1)


@pytest.mark.parametrize(("scheme", "gemm"), [(Scheme.INT8, False), (Scheme.INT8, True), (Scheme.DYNAMIC, False)])
@pytest.mark.parametrize("opset", [13, 18])
def test_a_linear_model_errs_no_more_than_rounding_allows(
    network: Callable, plain: Callable, rows: Callable, scheme: Scheme, gemm: bool, opset: int
) -> None:
    weights, numbers = DRAW.normal(size=(6, 1)), DRAW.normal(size=(300, 6))
    model, inputs = network(weights, gemm=gemm, opset=opset), rows(numbers)
    smaller = quantise(model, scheme, inputs)
    exact, rounded = (Predictor(data, plain(6)).predict(inputs)[:, 0] for data in (model, smaller))
    by_row = np.abs(numbers).max(axis=1) / 127
    step = by_row if scheme is Scheme.DYNAMIC else np.full(300, (numbers.max() - numbers.min()) / 255)
    of_weights = np.abs(weights).max() / WEIGHT_LIMIT
    # each factor is off by half a step at most: |w| dx + |x| dw + dx dw
    bound = np.abs(weights).sum() * step / 2 + np.abs(numbers).sum(axis=1) * of_weights / 2 + 6 * step * of_weights / 4
    assert (np.abs(rounded - exact) <= bound * 1.001 + 1e-5).all()
    assert np.abs(rounded - exact).max() > 1e-4


@pytest.mark.parametrize("scheme", Scheme)
def test_a_wide_network_shrinks_and_a_row_alone_gets_the_answer_it_has_in_a_batch(
    network: Callable, plain: Callable, rows: Callable, scheme: Scheme
) -> None:
    model = network(DRAW.normal(size=(8, 64)), DRAW.normal(size=(64, 1)))
    inputs = rows(DRAW.normal(size=(200, 8)) * np.geomspace(1, 1000, 200)[:, None])
    smaller = quantise(model, scheme, inputs)
    wide = network(np.ones((64, 256)), np.ones((256, 1)))
    assert len(quantise(wide, scheme, rows(np.ones((2, 64))))) < len(wide) / 3
    predictor = Predictor(smaller, plain(8))
    alone = np.concatenate([predictor.predict(inputs.take(np.array([row]))) for row in (0, 7, 199)])
    assert np.array_equal(alone, predictor.predict(inputs)[[0, 7, 199]])


def test_a_column_with_outliers_costs_what_it_costs(network: Callable, plain: Callable, rows: Callable) -> None:
    weights, tame = np.ones((4, 1)), DRAW.normal(size=(400, 4))
    wild = tame.copy()
    wild[0, 0] = 1000.0
    errors = []
    for numbers in (tame, wild):
        model, inputs = network(weights), rows(numbers)
        answers = [Predictor(m, plain(4)).predict(inputs) for m in (model, quantise(model, Scheme.INT8, inputs))]
        errors.append(float(np.abs(answers[0] - answers[1]).mean()))
    assert errors[1] > 50 * errors[0]


def test_zero_rows_weights_and_ranges_stay_finite(network: Callable, plain: Callable, rows: Callable) -> None:
    inputs = rows(np.zeros((3, 2)))
    for scheme in Scheme:
        model = quantise(network(np.zeros((2, 1))), scheme, inputs)
        assert Predictor(model, plain(2)).predict(inputs).tolist() == [[-1.0]] * 3
    assert Range(0.0, 0.0).scale == 1.0
    assert (Range(2.0, 6.0).zero, Range(-6.0, -2.0).zero, Range(-1.0, 1.0).zero) == (0, 255, 128)


def test_a_missing_value_among_rows_by_row_is_still_no_answer(
    network: Callable, plain: Callable, rows: Callable
) -> None:
    model = quantise(network(np.ones((2, 1))), Scheme.DYNAMIC, rows(np.ones((1, 2))))
    with pytest.raises(VerificationError, match="not finite"):
        Predictor(model, plain(2)).predict(rows(np.array([[1.0, 2.0], [np.nan, 1.0]])))


def test_what_cannot_be_rounded_is_told(network: Callable, rows: Callable) -> None:
    missing = rows(np.array([[1.0, np.nan]]))
    with pytest.raises(InputError, match="missing value"):
        quantise(network(np.ones((2, 1))), Scheme.INT8, missing)
    with pytest.raises(InputError, match="before 13"):
        quantise(network(np.ones((2, 1)), opset=12), Scheme.INT8, missing)
    bare = onnx.load_from_string(network(np.ones((2, 1))))
    bare.graph.node[0].op_type = "Mul"
    with pytest.raises(InputError, match="no product of matrices"):
        quantise(bare.SerializeToString(), Scheme.INT8, missing)


def test_the_integers_are_the_same_on_every_processor(network: Callable, plain: Callable, rows: Callable) -> None:
    model = quantise(network(np.tile([[1.0], [-1.0]], (32, 1))), Scheme.INT8, rows(np.full((1, 64), 4.0)))
    read = onnx.load_from_string(model)
    weights = next(onnx.numpy_helper.to_array(i) for i in read.graph.initializer if i.name.endswith("/weights"))
    assert 2 * 255 * int(np.abs(weights.astype(int)).max()) < 2**15  # what VPMADDUBSW adds up without being cut off
    assert Predictor(model, plain(64)).predict(rows(np.full((1, 64), 4.0)))[0, 0] == pytest.approx(-1.0)


def test_logistic_regression_keeps_its_probabilities(plain: Callable, rows: Callable) -> None:
    coefficients = [-1.0, 0.5, 1.0, -0.5]
    node = onnx.helper.make_node(
        "LinearClassifier",
        ["numeric"],
        ["label", "probabilities"],
        domain="ai.onnx.ml",
        coefficients=coefficients,
        intercepts=[0.1, -0.1],
        classlabels_ints=[0, 1],
        post_transform="SOFTMAX",
    )
    graph = onnx.helper.make_graph(
        [node],
        "linear",
        [onnx.helper.make_tensor_value_info("numeric", 1, ["n", 2])],
        [onnx.helper.make_tensor_value_info("probabilities", 1, ["n", 2])],
    )
    opsets = [onnx.helper.make_opsetid("", 18), onnx.helper.make_opsetid("ai.onnx.ml", 3)]
    model = onnx.helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()
    inputs = rows(DRAW.normal(size=(50, 2)))
    signature = plain(2, Task.BINARY)
    exact = Predictor(model, signature).predict(inputs)
    assert np.abs(Predictor(quantise(model, Scheme.INT8, inputs), signature).predict(inputs) - exact).max() < 0.02
