"""Reconstructions come near to what a memorising model learned from; a linear one tells no more than is known."""

import dataclasses

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from secmlops.assurance.inversion import Inversion
from secmlops.assurance.subject import ModelUnderTest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.lifecycle.measures import measured
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

COLUMNS, OTHERS = 4, 20
CLASSES = tuple("abcdefghijkl")


def rows(seed: int, each: int) -> Examples:
    rng = np.random.default_rng(seed)
    target = np.repeat(np.arange(len(CLASSES)), each)
    centres = 2 * np.eye(len(CLASSES), COLUMNS) - 2 * np.eye(len(CLASSES), COLUMNS, -COLUMNS)
    numeric = (centres[target] + rng.normal(size=(len(target), COLUMNS))).astype(np.float32)
    order = rng.permutation(len(target))
    return Examples(Inputs(numeric[order], np.empty((len(target), 0), object)), target[order].astype(np.int64))


def under_test(nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray], train: Examples) -> ModelUnderTest:
    graph = helper.make_graph(
        nodes,
        "planted",
        [helper.make_tensor_value_info("numeric", TensorProto.FLOAT, [None, COLUMNS])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, len(CLASSES)])],
        [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    features = tuple(Feature(name=f"x{i}", kind=FeatureKind.NUMERIC) for i in range(COLUMNS))
    onnx_bytes = model.SerializeToString()
    predictor = Predictor(onnx_bytes, Signature(task=Task.MULTICLASS, features=features, classes=CLASSES))
    return ModelUnderTest(predictor, train, rows(2, OTHERS), onnx=onnx_bytes)


@pytest.fixture(scope="module")
def memorising() -> ModelUnderTest:
    """A class is a person: the more likely the nearer a row is to the one that was learned from, beyond a floor."""
    train = rows(1, 1)
    known = train.inputs.numeric
    nodes = [
        helper.make_node("MatMul", ["numeric", "turned"], ["product"]),
        helper.make_node("Mul", ["numeric", "numeric"], ["square"]),
        helper.make_node("MatMul", ["square", "ones"], ["length"]),
        helper.make_node("Add", ["length", "lengths"], ["both"]),
        helper.make_node("Sub", ["product", "both"], ["nearness"]),
        helper.make_node("Exp", ["nearness"], ["kernel"]),
        helper.make_node("MatMul", ["kernel", "labels"], ["summed"]),
        helper.make_node("Add", ["summed", "floor"], ["lifted"]),
        helper.make_node("MatMul", ["lifted", "all"], ["total"]),
        helper.make_node("Div", ["lifted", "total"], ["probabilities"]),
    ]
    constants = {
        "turned": 2 * known.T,
        "ones": np.ones((COLUMNS, 1)),
        "lengths": (known**2).sum(axis=1)[None],
        "labels": np.eye(len(CLASSES))[train.target],
        "floor": np.full((1, len(CLASSES)), 0.05),
        "all": np.ones((len(CLASSES), len(CLASSES))),
    }
    return under_test(nodes, constants, train)


@pytest.fixture(scope="module")
def linear() -> ModelUnderTest:
    """Softmax of what the world is made of, not of the rows learned from."""
    nodes = [
        helper.make_node("MatMul", ["numeric", "weights"], ["odds"]),
        helper.make_node("Softmax", ["odds"], ["probabilities"]),
    ]
    return under_test(
        nodes,
        {"weights": 2 * np.eye(COLUMNS, len(CLASSES)) - 2 * np.eye(COLUMNS, len(CLASSES), COLUMNS)},
        rows(1, OTHERS),
    )


def test_a_model_that_knows_its_rows_by_heart_gives_them_away(memorising: ModelUnderTest) -> None:
    found = Inversion(starts=10, rounds=20).examine(memorising)
    measures = found.measures
    assert measures.keys() == measured("assurance.inversion", Task.MULTICLASS).keys()
    assert measures["reconstruction_gain"] > 0.3
    assert measures["reconstruction_gain_low"] > 0
    assert measures["distance"] < measures["public_distance"] < measures["marginal_distance"]
    assert measures["nearer"] > 0.6
    assert [f.rule for f in found.findings] == ["inversion.reconstructed"]
    blind = dataclasses.replace(memorising, onnx=None)  # no slope to climb: by trial alone
    assert Inversion(starts=10, rounds=20).examine(blind).measures["reconstruction_gain"] > 0.2


def test_a_linear_model_of_what_is_known_gives_nothing_away(linear: ModelUnderTest) -> None:
    found = Inversion(starts=10, rounds=20).examine(linear)
    assert (found.outcome, found.findings) == (Outcome.PASSED, ())
    low, gain, high = (found.measures[f"reconstruction_gain{end}"] for end in ("_low", "", "_high"))
    assert low < gain < high < 0
    assert found.measures["nearer_low"] < 0.5


def test_where_members_are_not_known_nothing_is_said(linear: ModelUnderTest) -> None:
    assert Inversion().examine(dataclasses.replace(linear, members_known=False)).outcome is Outcome.SKIPPED


def test_a_model_of_quantities_has_no_classes(echo) -> None:
    rng = np.random.default_rng(0)
    examples = Examples(
        Inputs(rng.normal(size=(40, 1)).astype(np.float32), np.empty((40, 0), object)), rng.normal(size=40)
    )
    found = Inversion().examine(ModelUnderTest(echo(Task.REGRESSION, 1), examples, examples))
    assert (found.outcome, found.measures) == (Outcome.PASSED, {"classes": 0.0})


@pytest.mark.parametrize("settings", [{"starts": 1}, {"rounds": 0}, {"notable_gain": 2.0}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(InputError):
        Inversion(**settings)
