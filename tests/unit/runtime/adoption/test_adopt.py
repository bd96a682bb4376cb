"""Models made elsewhere: each shape in which converters write them, and what cannot be adopted."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from secmlops.core.errors import InputError, VerificationError
from secmlops.core.task import Task
from secmlops.runtime.adoption.adopt import Columns, Scores, adopted, signature_of
from secmlops.runtime.adoption.surface import read_model, read_surface
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import FeatureKind, Inputs

GENERATOR = np.random.default_rng(0)
NUMBERS = GENERATOR.normal(size=(30, 3)).astype(np.float32)
CLASS = np.where(NUMBERS[:, 0] > 0, "yes", "no")
NUMERIC = Columns(dict.fromkeys(("a", "b", "c"), FeatureKind.NUMERIC), "rows.csv")


def take_in(model: bytes, columns: Columns, task: Task, labels: list[str], scores=Scores.PROBABILITIES) -> Predictor:
    read = read_model(model, "model.onnx")
    surface = read_surface(read, "model.onnx")
    signature = signature_of(surface, columns, task, labels)
    return Predictor(adopted(read, surface, signature, scores), signature)


def numbers(values: np.ndarray = NUMBERS) -> Inputs:
    return Inputs(values, np.empty((len(values), 0), object))


@pytest.mark.parametrize("kind", [FloatTensorType, DoubleTensorType])
@pytest.mark.parametrize("zipmap", [True, False])
def test_a_classifier_as_the_converter_writes_it(kind: type, zipmap: bool):
    model = LogisticRegression().fit(NUMBERS, CLASS)
    options = {id(model): {"zipmap": zipmap}}
    data = convert_sklearn(model, initial_types=[("X", kind([None, 3]))], options=options, target_opset=17)
    predictor = take_in(data.SerializeToString(), NUMERIC, Task.BINARY, ["no", "yes"])
    assert predictor.signature.classes == ("no", "yes")
    assert [f.name for f in predictor.signature.features] == ["a", "b", "c"]
    np.testing.assert_allclose(predictor.predict(numbers()), model.predict_proba(NUMBERS), atol=1e-5)


def test_a_regressor_as_the_converter_writes_it():
    model = LinearRegression().fit(NUMBERS, NUMBERS @ [1, 2, 3])
    data = convert_sklearn(model, initial_types=[("X", FloatTensorType([None, 3]))], target_opset=17)
    predictor = take_in(data.SerializeToString(), NUMERIC, Task.REGRESSION, [])
    np.testing.assert_allclose(predictor.predict(numbers())[:, 0], NUMBERS @ [1, 2, 3], atol=1e-4)


def test_an_input_for_each_column_in_whatever_order():
    texts = np.array(["x", "y"], object)[GENERATOR.integers(2, size=30)]
    table = np.stack([NUMBERS[:, 0].astype(object), texts], axis=1)
    prepared = ColumnTransformer([("n", "passthrough", [0]), ("t", OneHotEncoder(), [1])])
    model = make_pipeline(prepared, LogisticRegression()).fit(table, CLASS)
    types = [("loan_amount", FloatTensorType([None, 1])), ("purpose", StringTensorType([None, 1]))]
    data = convert_sklearn(model, initial_types=types, target_opset=17).SerializeToString()
    kinds = {"purpose": FeatureKind.CATEGORICAL, "unused": FeatureKind.NUMERIC, "loan-amount": FeatureKind.NUMERIC}
    predictor = take_in(data, Columns(kinds, "rows.csv"), Task.BINARY, ["no", "yes"])
    assert [f.name for f in predictor.signature.features] == ["loan-amount", "purpose"]
    found = predictor.predict(Inputs(NUMBERS[:, :1], texts[:, None]))
    np.testing.assert_allclose(found, model.predict_proba(table), atol=1e-5)


def network(width: int) -> bytes:
    """Scores without a softmax, as networks are often exported."""
    weights = GENERATOR.normal(size=(3, width)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["input", "w"], ["logits"])],
        "g",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 3])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", width])],
        [numpy_helper.from_array(weights, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()


@pytest.mark.parametrize(("width", "labels"), [(3, ["0", "1", "2"]), (2, ["0", "1"]), (1, ["0", "1"])])
def test_log_odds_become_probabilities(width: int, labels: list[str]):
    data = network(width)
    predictor = take_in(data, NUMERIC, Task.MULTICLASS, labels, Scores.LOG_ODDS)
    found = predictor.predict(numbers())
    assert found.shape == (30, len(labels))
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    raw = numpy_helper.to_array(read_model(data, "m").graph.initializer[0])
    odds = NUMBERS @ raw
    expected = odds.argmax(axis=1) if width > 1 else (odds[:, 0] > 0)
    np.testing.assert_array_equal(found.argmax(axis=1), expected)


@pytest.mark.parametrize(
    ("columns", "task", "labels", "what"),
    [
        (
            {"a": "numeric", "b": "numeric"},
            Task.MULTICLASS,
            ["0", "1", "2"],
            "takes 3 numeric columns, the table has 2",
        ),
        ({"a": "numeric", "t": "categorical"}, Task.MULTICLASS, ["0", "1", "2"], "the table has 1"),
        (dict.fromkeys("abc", "numeric") | {"t": "categorical"}, Task.MULTICLASS, ["0", "1", "2"], "'t' is of another"),
        (dict.fromkeys("abc", "numeric"), Task.MULTICLASS, ["0", "1"], "gives 3 scores, the label has 2 classes"),
        (dict.fromkeys("abc", "numeric"), Task.REGRESSION, [], "gives 3 answers, the label is a quantity"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(columns: dict, task: Task, labels: list[str], what: str):
    kinds = {name: FeatureKind(kind) for name, kind in columns.items()}
    with pytest.raises(InputError, match=what):
        take_in(network(3), Columns(kinds, "rows.csv"), task, labels)


def test_a_class_that_the_model_does_not_know_is_refused():
    model = LogisticRegression().fit(NUMBERS, CLASS)
    data = convert_sklearn(model, initial_types=[("X", FloatTensorType([None, 3]))], target_opset=17)
    with pytest.raises(InputError, match="1 class that the model does not know"):
        take_in(data.SerializeToString(), NUMERIC, Task.BINARY, ["no", "maybe"])


def surface_of(inputs: list, outputs: list) -> None:
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", inputs, outputs)
    data = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]).SerializeToString()
    read_surface(read_model(data, "m"), "m")


def tensor(name: str, *shape: int | str, kind: int = TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, list(shape))


@pytest.mark.parametrize(
    ("inputs", "outputs", "what"),
    [
        ([tensor("x", "n", 3, "h", 8)], [tensor("y", "n", 2)], "no table of numbers"),
        ([tensor("x", "n", 3, 8, kind=TensorProto.STRING)], [tensor("y", "n", 2)], "no table of numbers"),
        ([tensor("x", "n", 3, 224, 224)], [tensor("y", "n", 2)], "150,528 numbers a row, more than 16,384"),
        ([tensor("x", 7, 3)], [tensor("y", 7, 2)], "takes 7 rows only"),
        ([tensor("x", "n", 3)], [tensor("y", "n", 2), tensor("z", "n", 2)], "which output holds the answers"),
        ([tensor("x", "n", 3)], [tensor("y", "n", kind=TensorProto.INT64)], "which output holds the answers"),
        ([], [tensor("y", "n", 2)], "takes no input"),
    ],
)
def test_a_graph_that_says_too_little_is_refused(inputs: list, outputs: list, what: str):
    with pytest.raises(InputError, match=what):
        surface_of(inputs, outputs)


def test_what_is_no_model_is_refused():
    with pytest.raises(VerificationError, match="not an ONNX model"):
        read_model(b"\xffnothing", "m")


def test_a_model_of_images_takes_a_column_for_each_value():
    """The mean over each of three channels of two by two values, of which the columns are named row by row."""
    node = helper.make_node("GlobalAveragePool", ["x"], ["means"])
    flat = helper.make_node("Flatten", ["means"], ["scores"])
    graph = helper.make_graph([node, flat], "g", [tensor("x", "n", 3, 2, 2)], [tensor("scores", "n", 3)])
    data = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()
    values = GENERATOR.normal(size=(5, 12)).astype(np.float32)
    columns = Columns({f"p{i}": FeatureKind.NUMERIC for i in range(12)}, "rows.csv")
    predictor = take_in(data, columns, Task.MULTICLASS, ["0", "1", "2"], Scores.LOG_ODDS)
    scores = np.exp(values.reshape(5, 3, 4).mean(axis=2))
    np.testing.assert_allclose(
        predictor.predict(numbers(values)), scores / scores.sum(axis=1, keepdims=True), atol=1e-6
    )
    with pytest.raises(InputError, match="takes 12 numeric columns, the table has 3"):
        take_in(data, NUMERIC, Task.MULTICLASS, ["0", "1", "2"])
