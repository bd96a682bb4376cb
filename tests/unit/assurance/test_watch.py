"""The control that learns habits and tries the watch out."""

import dataclasses

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from secmlops.assurance.subject import ModelUnderTest
from secmlops.assurance.watch import Watch
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.detect.clients.habits import Habits
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

COLUMNS = 5
MIXING = np.random.default_rng(0).normal(size=(3, COLUMNS))
WEIGHTS = np.array([1.0, -1, 0.5, 2, 1], np.float32)


def predictor_of(task):
    """Predictor of a linear regression, or of a classifier whose answer swings along a line: no easy prey."""
    classifies = task is Task.BINARY
    weights = np.stack([-WEIGHTS, WEIGHTS], axis=1) if classifies else WEIGHTS[:, None]
    output = "probabilities" if classifies else "prediction"
    nodes = [helper.make_node("MatMul", ["numeric", "w"], ["z" if classifies else output])]
    if classifies:
        nodes += [helper.make_node("Sin", ["z"], ["s"]), helper.make_node("Softmax", ["s"], [output], axis=1)]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("numeric", TensorProto.FLOAT, [None, COLUMNS])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, [None, weights.shape[1]])],
        [numpy_helper.from_array(weights, "w")],
    )
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    features = tuple(Feature(name=f"x{i}", kind=FeatureKind.NUMERIC) for i in range(COLUMNS))
    classes = ("no", "yes") if classifies else ()
    return Predictor(model.SerializeToString(), Signature(task=task, features=features, classes=classes))


def examples(rows, seed, task, broken=False):
    generator = np.random.default_rng(seed)
    table = generator.normal(size=(rows, 3)) @ MIXING + 0.3 * generator.normal(size=(rows, COLUMNS))
    table = generator.permuted(table, axis=0) if broken else table
    margins = table @ WEIGHTS
    target = (np.sin(margins) > 0).astype(np.int64) if task is Task.BINARY else margins
    return Examples(Inputs(table.astype(np.float32), np.empty((rows, 0), object)), target)


def under_test(train=600, holdout=300, task=Task.BINARY, broken=False):
    return ModelUnderTest(predictor_of(task), examples(train, 1, task), examples(holdout, 2, task, broken))


def test_thieves_are_noticed_in_time_and_honest_clients_left_in_peace():
    made = Watch().examine(under_test())
    assert made.outcome is Outcome.PASSED
    assert made.findings == ()
    assert made.measures["in_time"] >= 0.8
    assert made.measures["false_alarms"] == 0
    assert made.measures["honest_clients"] == 20
    assert 0 < made.measures["queries_until_alarm"] <= 200
    assert 0 < made.measures["copy_at_alarm"] < 1


def test_the_product_is_what_a_gateway_reads():
    model = under_test()
    habits = Habits.from_bytes(Watch(thieves=1, customers=1).examine(model).products["habits"])
    assert habits.fits(COLUMNS, 0)
    new = examples(2000, 9, Task.BINARY).inputs
    p_values = habits.distances.p_values(habits.distance(habits.encode(new)))
    assert 0.02 < (p_values < 0.05).mean() < 0.1


def test_the_same_model_gives_the_same():
    one, other = (Watch(thieves=1, customers=1).examine(under_test()) for _ in range(2))
    assert dict(one.measures) == dict(other.measures)
    assert one.products == other.products


def test_a_linear_regression_is_copied_before_anything_could_be_noticed():
    made = Watch(thieves=2, customers=2).examine(under_test(task=Task.REGRESSION))
    assert made.outcome is Outcome.PASSED
    assert made.measures["in_time"] == 0
    assert made.measures["queries_until_alarm"] < 40
    assert "watch.late" in {finding.rule for finding in made.findings}


def test_a_population_whose_columns_no_longer_go_together_is_told_as_false_alarms():
    made = Watch(customers=2).examine(under_test(broken=True))
    assert made.measures["false_alarms"] > 0
    assert "watch.false-alarm" in {finding.rule for finding in made.findings}


def test_thieves_found_late_are_told():
    made = Watch(thieves=2, customers=1, error=1e-300).examine(under_test())
    assert made.measures["in_time"] < 0.8
    assert [finding.rule for finding in made.findings] == ["watch.late"]
    assert made.outcome is Outcome.PASSED


@pytest.mark.parametrize(("train", "holdout"), [(59, 300), (600, 59)])
def test_too_few_rows_are_told_and_give_no_habits(train, holdout):
    made = Watch().examine(under_test(train, holdout))
    assert made.outcome is Outcome.SKIPPED
    assert made.products == {}
    assert str(min(train, holdout)) in made.findings[0].message


def test_the_fewest_rows_are_enough():
    assert Watch(thieves=1, customers=1).examine(under_test(60, 60)).products["habits"]


@pytest.mark.parametrize(
    "wrong",
    [{"thieves": 0}, {"customers": 0}, {"queries": 10}, {"good_copy": 0.0}, {"least_in_time": 1.5}, {"error": 0.0}],
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InputError):
        Watch(**wrong)


def test_every_setting_has_a_default():
    assert dataclasses.asdict(Watch())
