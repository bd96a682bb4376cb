"""The control that attacks a model with changed rows."""

import json

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from secmlops.assurance.evasion import Evasion
from secmlops.assurance.subject import ModelUnderTest
from secmlops.core.condition import Condition
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.lifecycle.measures import measured
from secmlops.lifecycle.registry import configure
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

WEIGHTS = np.array([1.5, -1.0, 0.5, 0.0])
SIZES = {"rows": 60, "queries": 200}


def plane(steepness: float = 1.0, steps: bool = False) -> bytes:
    """A logistic model as a graph; ``steps`` puts a second, very steep sigmoid behind: the answer in steps."""
    column = (steepness * WEIGHTS)[:, None].astype(np.float32)
    nodes = [helper.make_node("MatMul", ["numeric", "w"], ["odds"])]
    if steps:
        nodes += [
            helper.make_node("Mul", ["odds", "steep"], ["steeper"]),
            helper.make_node("Sigmoid", ["steeper"], ["step"]),
            helper.make_node("Mul", ["step", "share"], ["part"]),
            helper.make_node("Add", ["part", "base"], ["event"]),
        ]
    else:
        nodes += [helper.make_node("Sigmoid", ["odds"], ["event"])]
    nodes += [
        helper.make_node("Sub", ["one", "event"], ["rest"]),
        helper.make_node("Concat", ["rest", "event"], ["probabilities"], axis=1),
    ]
    constants = {"w": column, "one": 1.0, "steep": 1e6, "share": 0.8, "base": 0.1}
    graph = helper.make_graph(
        nodes,
        "plane",
        [helper.make_tensor_value_info("numeric", TensorProto.FLOAT, [None, 4])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2])],
        [numpy_helper.from_array(np.atleast_1d(np.asarray(v, np.float32)), name) for name, v in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()


def under_test(model: bytes, rows: int = 200) -> ModelUnderTest:
    features = tuple(Feature(name=f"x{i}", kind=FeatureKind.NUMERIC) for i in range(4))
    predictor = Predictor(model, Signature(task=Task.BINARY, features=features, classes=("no", "yes")))
    generator = np.random.default_rng(2)
    inputs = Inputs(generator.normal(size=(rows, 4)).astype(np.float32), np.empty((rows, 0), object))
    target = (inputs.numeric @ WEIGHTS > 0).astype(np.int64)
    target[:: rows // 10] ^= 1
    half = np.arange(rows // 2)
    train, holdout = (Examples(inputs.take(part), target[part]) for part in (half, half + rows // 2))
    return ModelUnderTest(predictor, train, holdout, seed=3, onnx=model)


@pytest.fixture(scope="module")
def linear() -> ModelUnderTest:
    return under_test(plane())


def test_robust_accuracy_is_that_of_the_distances_to_the_plane(linear: ModelUnderTest):
    found = Evasion(**SIZES, budgets=(0.25, 0.5, 1.0)).examine(linear)
    assert found.outcome is Outcome.PASSED
    rows = np.random.default_rng([3, 0]).permutation(len(linear.holdout))[:60]
    odds = linear.holdout.inputs.numeric[rows].astype(np.float64) @ WEIGHTS
    right = (odds > 0) == (linear.holdout.target[rows] == 1)
    distance = np.abs(odds) / np.linalg.norm(WEIGHTS * linear.train.inputs.numeric.std(axis=0))
    assert found.measures["clean_accuracy"] == pytest.approx(right.mean())
    for budget in (0.25, 0.5, 1.0):
        exact = (right & (distance > budget)).mean()
        assert found.measures[f"robust_accuracy_at_{budget:g}"] == pytest.approx(exact, abs=0.02)
        assert found.measures[f"robust_accuracy_at_{budget:g}_low"] <= exact
        assert found.measures[f"robust_accuracy_at_{budget:g}_high"] >= exact
    assert abs(found.measures["masking"]) <= 0.05
    assert "evasion.masked-gradients" not in {f.rule for f in found.findings}


def test_the_measures_are_those_that_conditions_may_name(linear: ModelUnderTest):
    control = Evasion(**SIZES)
    found = control.examine(linear)
    assert found.measures.keys() <= measured(control.id, Task.BINARY, control.budgets).keys()
    assert Condition.parse(">= 0 at 0.1").measure("robust_accuracy") in found.measures


def test_the_curve_falls_and_tells_of_each_attack(linear: ModelUnderTest):
    told = json.loads(Evasion(**SIZES).examine(linear).products["curve"])
    shares = [point["robust"] for point in told["points"]]
    assert shares == sorted(shares, reverse=True)
    assert [attack["name"] for attack in told["attacks"]] == ["hop_skip_jump", "apgd"]
    for attack in told["attacks"]:
        assert all(a >= b - 1e-12 for a, b in zip(attack["robust"], shares, strict=True)), "none beats all together"


def test_hidden_slopes_are_a_finding(linear: ModelUnderTest):
    found = Evasion(**SIZES).examine(under_test(plane(steps=True)))
    assert found.measures["masking"] > 0.3
    assert "evasion.masked-gradients" in {f.rule for f in found.findings}


def test_a_model_that_little_turns_is_warned_of(linear: ModelUnderTest):
    small = {f"x{i}": 0.05 for i in range(4)}
    found = Evasion(**SIZES, prices=small).examine(linear)
    assert "evasion.brittle" in {f.rule for f in found.findings}
    assert found.outcome is Outcome.PASSED


def test_without_the_graph_attacks_of_slopes_are_told_as_not_run(linear: ModelUnderTest):
    blind = ModelUnderTest(linear.predictor, linear.train, linear.holdout, seed=3)
    found = Evasion(**SIZES).examine(blind)
    assert [f.where for f in found.findings if f.rule == "evasion.not-run"] == ["apgd"]
    assert Evasion(**SIZES, attacks=("apgd",)).examine(blind).outcome is Outcome.SKIPPED


def test_where_nothing_can_be_changed_it_is_skipped(linear: ModelUnderTest):
    found = Evasion(fixed=("x0", "x1", "x2", "x3")).examine(linear)
    assert found.outcome is Outcome.SKIPPED
    assert "no feature can be changed" in found.findings[0].message


def test_a_feature_that_the_model_does_not_have_is_refused(linear: ModelUnderTest):
    with pytest.raises(InputError, match="no feature 'age'"):
        Evasion(fixed=("age",)).examine(linear)


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ({"budgets": []}, "budgets"),
        ({"budgets": [0.0]}, "budgets"),
        ({"rows": 3}, "10 to 100,000 rows"),
        ({"queries": 0}, "queries"),
        ({"attacks": ["hope"]}, "no attack 'hope'"),
        ({"attacks": []}, "no attack"),
        ({"confidence": 1.0}, "confidence"),
        ({"prices": {"a": 0}}, "a price of"),
        ({"norm": "l7"}, "norm"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict, what: str):
    with pytest.raises(InputError, match=what):
        configure("assurance.evasion", settings)
