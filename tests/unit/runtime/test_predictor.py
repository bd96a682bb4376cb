from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.core.task import Task
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

FLOAT, STRING, DOUBLE = TensorProto.FLOAT, TensorProto.STRING, TensorProto.DOUBLE


def value(name: str, kind: int, shape: Sequence[Any] | None) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes: list[Any], inputs: list[Any], outputs: list[Any], initializers: Sequence[Any] = ()) -> bytes:
    graph = helper.make_graph(nodes, "small", inputs, outputs, list(initializers))
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()


def signature(numeric: int, categorical: int = 0, task: Task = Task.BINARY) -> Signature:
    features = [Feature(name=f"n{i}", kind=FeatureKind.NUMERIC) for i in range(numeric)]
    features += [Feature(name=f"c{i}", kind=FeatureKind.CATEGORICAL) for i in range(categorical)]
    return Signature(task=task, features=tuple(features), classes=("no", "yes") if task is Task.BINARY else ())


def rows(numeric: Any, categorical: Any = None) -> Inputs:
    numbers = np.asarray(numeric, np.float32)
    texts = np.empty((len(numbers), 0), object) if categorical is None else np.asarray(categorical, object)
    return Inputs(numbers, texts)


def logistic(**changed: Any) -> bytes:
    """Probability of the event 1/(1 + exp(-(x0 + 2 x1))), with parts of the graph replaced by name."""
    weights = numpy_helper.from_array(np.array([[1.0], [2.0]], np.float32), "weights")
    one = numpy_helper.from_array(np.array([1.0], np.float32), "one")
    nodes = [
        helper.make_node("MatMul", ["numeric", "weights"], ["score"]),
        helper.make_node("Sigmoid", ["score"], ["event"]),
        helper.make_node("Sub", ["one", "event"], ["rest"]),
        helper.make_node("Concat", ["rest", "event"], ["probabilities"], axis=1),
    ]
    parts = {
        "nodes": nodes,
        "inputs": [value("numeric", FLOAT, [None, 2])],
        "outputs": [value("probabilities", FLOAT, [None, 2])],
        "initializers": [weights, one],
    }
    return model(**(parts | changed))


def by_category() -> bytes:
    """Quantity 10 for category a, 20 for b, else -1, plus the numeric input."""
    encoder = helper.make_node(
        "LabelEncoder",
        ["categorical"],
        ["amount"],
        domain="ai.onnx.ml",
        keys_strings=["a", "b"],
        values_floats=[10.0, 20.0],
        default_float=-1.0,
    )
    return model(
        [encoder, helper.make_node("Add", ["amount", "numeric"], ["prediction"])],
        [value("numeric", FLOAT, [None, 1]), value("categorical", STRING, [None, 1])],
        [value("prediction", FLOAT, [None, 1])],
    )


def test_probabilities_are_those_of_the_model() -> None:
    numeric = np.array([[0, 0], [1, -1], [3, 2]], np.float32)
    answer = Predictor(logistic(), signature(2)).predict(rows(numeric))
    event = 1 / (1 + np.exp(-(numeric @ [1.0, 2.0])))
    assert answer.dtype == np.float64
    np.testing.assert_allclose(answer, np.stack([1 - event, event], axis=1), atol=1e-6)


def test_texts_and_numbers_reach_a_regressor() -> None:
    predictor = Predictor(by_category(), signature(1, 1, Task.REGRESSION))
    answer = predictor.predict(rows([[1], [2], [3]], [["a"], ["b"], [""]]))
    np.testing.assert_array_equal(answer, [[11], [22], [2]])


def test_the_batch_size_changes_nothing() -> None:
    numeric = np.random.default_rng(0).normal(size=(23, 2)).astype(np.float32)
    predictor = Predictor(logistic(), signature(2), threads=2)
    np.testing.assert_allclose(predictor.predict(rows(numeric), batch=5), predictor.predict(rows(numeric)), atol=1e-7)


def test_no_rows_give_no_answers() -> None:
    assert Predictor(logistic(), signature(2)).predict(rows(np.empty((0, 2)))).shape == (0, 2)


def test_the_digest_names_the_bytes() -> None:
    data = logistic()
    assert Predictor(data, signature(2)).digest == Digest.of(data)


@pytest.mark.parametrize("data", [b"", b"no model at all", logistic()[:-40], b"\0\0\0\0ORTM" + b"\0" * 64])
def test_bytes_that_are_no_model_are_refused(data: bytes) -> None:
    with pytest.raises(VerificationError):
        Predictor(data, signature(2))


def test_an_operator_nobody_knows_is_refused() -> None:
    nodes = [helper.make_node("Surprise", ["numeric"], ["probabilities"])]
    with pytest.raises(VerificationError, match="'Surprise'"):
        Predictor(logistic(nodes=nodes), signature(2))


@pytest.mark.parametrize(
    "changed",
    [
        {"inputs": [value("numeric", FLOAT, [None, 3])]},
        {"inputs": [value("numeric", FLOAT, [1, 2])]},
        {"inputs": [value("numeric", FLOAT, [None, 2]), value("extra", FLOAT, [None, 2])]},
        {"outputs": [value("event", FLOAT, [None, 1])]},
        {"outputs": [value("probabilities", FLOAT, [4, 2])]},
    ],
)
def test_a_model_that_does_not_fit_the_signature_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(VerificationError):
        Predictor(logistic(**changed), signature(2))


def test_doubles_are_refused() -> None:
    data = model(
        [helper.make_node("Identity", ["numeric"], ["probabilities"])],
        [value("numeric", DOUBLE, [None, 2])],
        [value("probabilities", DOUBLE, [None, 2])],
    )
    with pytest.raises(VerificationError, match="tensor\\(double\\)"):
        Predictor(data, signature(2))


def test_a_signature_with_more_columns_than_the_model_is_refused() -> None:
    with pytest.raises(VerificationError, match="categorical"):
        Predictor(logistic(), signature(2, 1))


def test_a_shape_that_shows_only_in_the_answer_is_refused_there() -> None:
    nodes = [
        helper.make_node("Transpose", ["numeric"], ["turned"]),
        helper.make_node("MatMul", ["numeric", "turned"], ["probabilities"]),
    ]
    predictor = Predictor(logistic(nodes=nodes, outputs=[value("probabilities", FLOAT, ["m", "k"])]), signature(2))
    with pytest.raises(VerificationError, match=r"came as \(3, 3\), not \(3, 2\)"):
        predictor.predict(rows([[1, 1], [0, 1], [1, 0]]))


def external_constant() -> Any:
    tensor = numpy_helper.from_array(np.zeros((1, 2), np.float32), "hidden")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    return tensor


def test_an_initializer_outside_the_bytes_is_refused() -> None:
    nodes = [helper.make_node("Add", ["numeric", "hidden"], ["probabilities"])]
    with pytest.raises(VerificationError, match="outside"):
        Predictor(logistic(nodes=nodes, initializers=[external_constant()]), signature(2))


def test_inputs_of_another_width_are_refused() -> None:
    with pytest.raises(InputError, match="3 numeric"):
        Predictor(logistic(), signature(2)).predict(rows([[1, 2, 3]]))


@pytest.mark.parametrize("text", [None, 3, float("nan"), "\ud800"])
def test_a_category_that_is_not_text_is_refused(text: object) -> None:
    predictor = Predictor(by_category(), signature(1, 1, Task.REGRESSION))
    with pytest.raises(InputError):
        predictor.predict(rows([[1]], [[text]]))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_answers_that_are_not_finite_are_refused(echo: Any, value: float) -> None:
    with pytest.raises(VerificationError, match="1 of 2 rows are not finite"):
        echo(Task.REGRESSION, 1).predict(rows([[1], [value]]))
    with pytest.raises(VerificationError, match="1 of 2 rows are not finite"):
        echo().predict(rows([[0.5, 0.5], [value, 0.5]]))


@pytest.mark.parametrize("answer", [[0.5, 0.6], [1.2, -0.2], [0, 0]])
def test_answers_that_are_no_probabilities_are_refused(echo: Any, answer: list[float]) -> None:
    with pytest.raises(VerificationError, match="1 of 2 rows"):
        echo().predict(rows([[0.5, 0.5], answer]))


def test_a_model_that_fails_on_a_value_does_not_repeat_it() -> None:
    data = model(
        [helper.make_node("Cast", ["categorical"], ["prediction"], to=FLOAT)],
        [value("categorical", STRING, [None, 1])],
        [value("prediction", FLOAT, [None, 1])],
    )
    predictor = Predictor(data, signature(0, 1, Task.REGRESSION))
    with pytest.raises(VerificationError, match="failed") as caught:
        predictor.predict(rows(np.empty((1, 0)), [["jane@example.org"]]))
    assert "jane" not in str(caught.value)


@pytest.mark.parametrize("threads", [0, -1])
def test_no_threads_are_refused(threads: int) -> None:
    with pytest.raises(InputError):
        Predictor(logistic(), signature(2), threads=threads)


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(InputError):
        Predictor(logistic(), signature(2)).predict(rows([[1, 2]]), batch=0)
