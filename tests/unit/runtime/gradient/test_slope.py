"""Derivatives of ONNX models against differences, operator by operator and through whole exports."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from secmlops.core.task import Task
from secmlops.runtime.gradient.slope import Slope
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

GENERATOR = np.random.default_rng(5)
NUMBERS = GENERATOR.normal(size=(40, 4)).astype(np.float32)
TEXTS = np.array([["a"], ["b"]], object)[GENERATOR.integers(2, size=40)]
CLASSES = (NUMBERS[:, 0] + NUMBERS[:, 1] ** 2 > 0.5).astype(int) + (NUMBERS[:, 2] > 1)


def signature(task: Task, numbers: int = 4, texts: int = 0, classes: int = 0) -> Signature:
    features = [Feature(name=f"n{i}", kind=FeatureKind.NUMERIC) for i in range(numbers)]
    features += [Feature(name=f"t{i}", kind=FeatureKind.CATEGORICAL) for i in range(texts)]
    return Signature(task=task, features=tuple(features), classes=tuple(str(i) for i in range(classes)))


def exported(estimator, target: np.ndarray, texts: bool = False) -> tuple[bytes, Signature]:
    inputs = [("numeric", FloatTensorType([None, 4]))] + ([("categorical", StringTensorType([None, 1]))] * texts)
    classes = len(np.unique(target)) if hasattr(estimator, "predict_proba") else 0
    options = {id(estimator): {"zipmap": False}} if classes else None
    model = convert_sklearn(estimator, initial_types=inputs, options=options, target_opset=17)
    wanted = "probabilities" if classes else "variable"
    kept = [output for output in model.graph.output if output.name == wanted]
    del model.graph.output[:]
    model.graph.output.extend(kept)
    if not classes:
        model.graph.node.append(helper.make_node("Identity", ["variable"], ["prediction"]))
        model.graph.output[0].name = "prediction"
    task = {0: Task.REGRESSION, 2: Task.BINARY}.get(classes, Task.MULTICLASS)
    return model.SerializeToString(), signature(task, texts=int(texts), classes=classes)


def rows(texts: bool = False) -> Inputs:
    return Inputs(NUMBERS[:10].copy(), TEXTS[:10] if texts else np.empty((10, 0), object))


def check(model: bytes, known: Signature, inputs: Inputs) -> None:
    """The derivative of every answer is what small differences of the model's own reading say."""
    predictor = Predictor(model, known)
    slope = Slope.of(model, predictor, inputs)
    assert isinstance(slope, Slope), slope
    np.testing.assert_allclose(slope.outputs(inputs), predictor.predict(inputs), atol=1e-5)
    width = slope.outputs(inputs).shape[1]
    for answer in range(width):
        found = slope.gradient(inputs, lambda outputs, a=answer: np.eye(width)[[a] * len(outputs)])
        for column in range(inputs.numeric.shape[1]):
            moved = [inputs.numeric.astype(np.float64).copy() for _ in range(2)]
            moved[0][:, column] += 1e-5
            moved[1][:, column] -= 1e-5
            up, down = (slope.outputs(Inputs(m, inputs.categorical))[:, answer] for m in moved)
            np.testing.assert_allclose(found[:, column], (up - down) / 2e-5, atol=1e-5)


@pytest.mark.filterwarnings("ignore:.*:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic"])
def test_networks_of_two_and_of_more_classes(activation: str):
    for target in (CLASSES, CLASSES > 0):
        network = MLPClassifier(
            (6, 5), activation=activation, random_state=0, max_iter=30, tol=1.0, n_iter_no_change=40
        )
        network.fit(NUMBERS, target.astype(int))
        check(*exported(network, target), rows())


@pytest.mark.filterwarnings("ignore:.*:sklearn.exceptions.ConvergenceWarning")
def test_a_network_of_a_quantity():
    network = MLPRegressor(hidden_layer_sizes=(6,), random_state=0, max_iter=30).fit(NUMBERS, NUMBERS[:, 0])
    check(*exported(network, NUMBERS[:, 0]), rows())


@pytest.mark.parametrize("target", [CLASSES, CLASSES > 0, None], ids=["three", "two", "quantity"])
def test_linear_models_behind_a_preparation(target: np.ndarray | None):
    prepared = ColumnTransformer(
        [("n", make_pipeline(SimpleImputer(), StandardScaler()), [0, 1, 2, 3]), ("t", OneHotEncoder(), [4])]
    )
    table = np.concatenate([NUMBERS.astype(object), TEXTS], axis=1)
    model = LinearRegression() if target is None else LogisticRegression()
    answer = NUMBERS @ [1, 2, 3, 4] if target is None else target.astype(int)
    pipeline = make_pipeline(prepared, model).fit(table, answer)
    check(*exported(pipeline, answer, texts=True), rows(texts=True))


def test_a_linear_model_is_exact():
    model = LogisticRegression().fit(NUMBERS, CLASSES > 0)
    data, known = exported(model, CLASSES > 0)
    slope = Slope.of(data, Predictor(data, known), rows())
    assert isinstance(slope, Slope)
    found = slope.gradient(rows(), lambda outputs: np.stack([-1 / outputs[:, 0], 1 / outputs[:, 1]], axis=1))
    np.testing.assert_allclose(found, np.tile(model.coef_, (10, 1)), rtol=1e-4)


def test_a_missing_number_has_no_slope_where_it_is_filled():
    prepared = make_pipeline(SimpleImputer(), LogisticRegression()).fit(NUMBERS, CLASSES > 0)
    data, known = exported(prepared, CLASSES > 0)
    inputs = rows()
    inputs.numeric[0, 1] = np.nan
    slope = Slope.of(data, Predictor(data, known), inputs)
    assert isinstance(slope, Slope)
    found = slope.gradient(inputs, lambda outputs: np.tile([0.0, 1.0], (len(outputs), 1)))
    assert found[0, 1] == 0
    assert (found[1:, 1] != 0).all()


def test_a_tree_has_no_gradient_and_says_so():
    data, known = exported(DecisionTreeClassifier(max_depth=2).fit(NUMBERS, CLASSES), CLASSES)
    assert Slope.of(data, Predictor(data, known), rows()) == "no gradient: the model uses 'TreeEnsembleClassifier'"


def built(*nodes: onnx.NodeProto, **constants: np.ndarray) -> bytes:
    graph = helper.make_graph(
        list(nodes),
        "g",
        [helper.make_tensor_value_info("numeric", TensorProto.FLOAT, [None, 4])],
        [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, [None, 1])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()


def test_arithmetic_of_several_branches_adds_up():
    """y = mean of ((x * a - b) / c), plus the same x through a second branch."""
    node = helper.make_node
    model = built(
        node("Mul", ["numeric", "a"], ["m"]),
        node("Sub", ["m", "b"], ["s"]),
        node("Div", ["s", "a"], ["d"]),
        node("Neg", ["numeric"], ["n"]),
        node("Mul", ["d", "n"], ["p"]),
        node("Concat", ["p", "d"], ["c"], axis=1),
        node("Split", ["c"], ["left", "right"], axis=1),
        node("Add", ["left", "right"], ["both"]),
        node("Gather", ["both", "order"], ["g"], axis=1),
        node("Gemm", ["g", "w", "one"], ["prediction"], transB=1, alpha=0.5, beta=2.0),
        a=np.array([1, 2, 3, 4], np.float32),
        b=np.array([0.5], np.float32),
        order=np.array([3, 1, 1, 0]),
        w=np.array([[1, -2, 0.5, 3]], np.float32),
        one=np.array([1], np.float32),
    )
    check(model, signature(Task.REGRESSION), rows())


@pytest.mark.parametrize(
    ("node", "why"),
    [
        (helper.make_node("Exp", ["first"], ["prediction"]), "uses 'Exp'"),
        (helper.make_node("Softmax", ["first"], ["prediction"], axis=0), "another axis"),
    ],
)
def test_what_is_not_known_is_said(node: onnx.NodeProto, why: str):
    pick = helper.make_node("Gather", ["numeric", "place"], ["first"], axis=1)
    model = built(pick, node, place=np.array([0]))
    found = Slope.of(model, Predictor(model, signature(Task.REGRESSION)), rows().take(slice(0, 1)))
    assert isinstance(found, str)
    assert why in found
