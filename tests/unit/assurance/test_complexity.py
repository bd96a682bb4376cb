from collections.abc import Callable

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from secmlops.assurance.bootstrap import Bootstrap
from secmlops.assurance.complexity import KINDS, Complexity, Verdict, complexity
from secmlops.assurance.fit import Fit
from secmlops.assurance.subject import ModelUnderTest, Promise
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

Build = Callable[..., ModelUnderTest]
Rows = tuple[np.ndarray, np.ndarray]
DRAWS = Bootstrap(200, 0.95, 0)
FIRST, LAST = slice(600), slice(600, None)


def told(rows: int, heart: float, seed: int) -> Rows:
    """Rows of two numbers that are the model's answers: they follow the class, and know it by ``heart``."""
    rng = np.random.default_rng(seed)
    target = rng.integers(0, 2, rows)
    event = 1 / (1 + np.exp(-heart * (target - 0.5) - rng.normal(size=rows)))
    return target, np.stack([1 - event, event], axis=1)


def bent(rows: int, seed: int) -> Rows:
    """Classes that only a curve tells from the numbers; the model takes the numbers as they are."""
    rng = np.random.default_rng(seed)
    event = rng.random(rows)
    target = (abs(event - 0.5) + rng.normal(scale=0.05, size=rows) > 0.25).astype(np.int64)
    return target, np.stack([1 - event, event], axis=1)


def of(model: ModelUnderTest) -> Complexity:
    found = complexity(model, DRAWS)
    assert found is not None
    return found


def test_a_model_that_is_as_good_as_any_of_its_kind_is_about_right(under_test: Build) -> None:
    found = of(under_test(told(600, 2, 0), told(600, 2, 1)))
    assert found.verdict is Verdict.RIGHT
    assert not list(found.findings())
    assert [rung.at for rung in found.rungs] == list(KINDS[found.kind].values)
    assert all(rung.holdout.interval.low <= rung.holdout.score <= rung.holdout.interval.high for rung in found.rungs)


def test_a_model_too_simple_for_its_rows_is_beaten_by_richer_ones(under_test: Build) -> None:
    model = under_test(bent(600, 0), bent(600, 1))
    object.__setattr__(model, "onnx", b"TreeEnsemble")
    found = of(model)
    assert found.kind == "forest"
    assert found.verdict is Verdict.UNDER
    assert found.best > 1
    assert found.rungs[-1].train.score > found.rungs[0].train.score
    assert [one.rule for one in found.findings()] == ["fit.too-simple"]


def test_the_nearest_neighbour_that_knows_its_rows_by_heart_is_too_complex() -> None:
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(1200, 4)).astype(np.float32)
    target = (numbers[:, 0] + rng.normal(size=1200) > 0).astype(np.int64)
    learned, held = (Examples(Inputs(numbers[s], np.empty((600, 0), object)), target[s]) for s in (FIRST, LAST))
    found = of(ModelUnderTest(nearest(learned), learned, held))
    assert found.train == 1.0
    assert found.verdict is Verdict.OVER
    assert [one.rule for one in found.findings()] == ["fit.too-complex"]
    assert found.shortfall.interval.low > 0.05


def nearest(learned: Examples) -> Predictor:
    """Model that answers with the class of the nearest row it learned from."""
    rows = learned.inputs.numeric
    tables = {
        "twice": 2 * rows.T,
        "squares": -(rows**2).sum(axis=1),
        "classes": np.eye(2, dtype=np.float32)[learned.target],
    }
    nodes = [
        helper.make_node("MatMul", ["numeric", "twice"], ["products"]),
        helper.make_node("Add", ["products", "squares"], ["nearness"]),
        helper.make_node("ArgMax", ["nearness"], ["nearest"], axis=1, keepdims=0),
        helper.make_node("Gather", ["classes", "nearest"], ["probabilities"]),
    ]
    given = helper.make_tensor_value_info("numeric", TensorProto.FLOAT, [None, rows.shape[1]])
    answer = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2])
    held = [numpy_helper.from_array(table.astype(np.float32), name) for name, table in tables.items()]
    graph = helper.make_graph(nodes, "nearest", [given], [answer], held)
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    features = tuple(Feature(name=f"number_{i}", kind=FeatureKind.NUMERIC) for i in range(rows.shape[1]))
    return Predictor(model.SerializeToString(), Signature(task=Task.BINARY, features=features, classes=("n", "y")))


def test_quantities_have_a_curve_too(under_test: Build) -> None:
    truth, new = np.random.default_rng(0).normal(size=(2, 400))
    found = of(under_test((truth, 2 * truth[:, None]), (new, 2 * new[:, None]), Task.REGRESSION))
    assert found.kind == "linear"
    assert found.shortfall.score > 0.5
    assert found.rungs[-1].holdout.score == pytest.approx(1, abs=0.01)


def test_a_private_model_and_a_holdout_of_one_class_have_none(under_test: Build) -> None:
    rows = told(100, 2, 0)
    model = under_test(rows, rows)
    object.__setattr__(model, "promise", Promise(1.0, 1e-5))
    assert complexity(model, DRAWS) is None
    target = np.zeros(100, np.int64)
    target[0] = 1
    assert complexity(under_test(rows, (target, rows[1])), DRAWS) is None


def test_the_same_seed_gives_the_same_curve(under_test: Build) -> None:
    model = under_test(told(300, 2, 0), told(300, 2, 1))
    assert of(model) == of(model)


def test_the_control_puts_it_on_record(under_test: Build) -> None:
    found = Fit(resamples=200).examine(under_test(told(300, 2, 0), told(300, 2, 1)))
    assert found.measures["complexity_shortfall_low"] <= found.measures["complexity_shortfall_high"]
    assert found.measures["complexity_best"] > 0
    assert b'"verdict":"about right"' in found.products["complexity"]
