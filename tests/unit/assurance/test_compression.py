"""What compression is said to cost, where it is known: nothing, everything, or the group that it hits."""

import itertools
import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from secmlops.assurance.candidates import agreement
from secmlops.assurance.compression import Compressed, Compression
from secmlops.assurance.subject import ModelUnderTest
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

QUICK = Compression(rows=10, queries=20, resamples=100)
DRAW = np.random.default_rng(4)
NUMBERS = DRAW.normal(size=(400, 2)).astype(np.float32)
CLASSES = (NUMBERS.sum(axis=1) + 0.3 * DRAW.normal(size=400) > 0).astype(np.int64)
SEX = np.where(NUMBERS[:, 0] > 0, "f", "m").astype(object)


def linear(*weights: float, padding: int = 0) -> bytes:
    """Classifier by the sum of weighted numbers, with bytes that do nothing."""
    matrix = np.stack([-np.array(weights), np.array(weights)], axis=1).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["numeric", "w"], ["scores"]),
            helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
        ],
        "linear",
        [helper.make_tensor_value_info("numeric", TensorProto.FLOAT, ["n", 2])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 2])],
        [numpy_helper.from_array(matrix, "w")],
        doc_string="." * padding,
    )
    made: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    return made.SerializeToString()


SIGNATURE = Signature(
    task=Task.BINARY,
    features=tuple(Feature(name=f"x{i}", kind=FeatureKind.NUMERIC) for i in range(2)),
    classes=("n", "y"),
)
BEFORE = linear(4.0, 4.0, padding=500)


def under_test(model: bytes) -> ModelUnderTest:
    rows = Examples(Inputs(NUMBERS, np.empty((400, 0), object)), CLASSES, {"sex": SEX})
    half = np.arange(200)
    return ModelUnderTest(Predictor(model, SIGNATURE), rows.take(half), rows.take(half + 200), onnx=model)


def weigh(model: bytes, before: bytes | None = BEFORE, **more: object) -> Examination:
    tested = under_test(model)
    was = Predictor(before or model, SIGNATURE).predict(tested.holdout.inputs)
    ticks: Callable[[], float] = itertools.count().__next__
    given = {"before": before, "estimator_outputs": was, "timer": ticks} | more
    return QUICK.examine(Compressed(tested, **given))  # type: ignore[arg-type]


def rules(found: Examination) -> set[str]:
    return {finding.rule for finding in found.findings}


def test_the_same_model_in_fewer_bytes_costs_nothing() -> None:
    found = weigh(linear(4.0, 4.0))
    assert (found.outcome, rules(found)) == (Outcome.PASSED, set())
    assert (found.measures["agreement"], found.measures["export_difference"]) == (1.0, 0.0)
    losses = [value for name, value in found.measures.items() if "_loss" in name]
    assert len(losses) == 6
    assert not any(losses)
    assert found.measures["size_ratio"] < 0.5
    assert found.measures["row_microseconds"] == 1e6
    for name in ("auc", "ece", "fairness_gap", "robust_accuracy_at_0.25", "membership_auc"):
        assert found.measures[name] == found.measures[f"uncompressed_{name}"]


def test_a_model_that_lost_a_column_is_told_by_loss_agreement_and_interval() -> None:
    found = weigh(linear(4.0, 0.0))
    assert {"compression.worse", "compression.other-answers"} <= rules(found)
    assert found.measures["auc_loss_low"] > 0.05
    assert found.measures["auc_loss_low"] < found.measures["auc_loss"] < found.measures["auc_loss_high"]
    unfair = next(f for f in found.findings if f.where == "fairness_gap")  # it now calls by the column of the group
    assert unfair.rule == "compression.side-effect"


def test_a_constant_model_has_lost_everything() -> None:
    found = weigh(linear(0.0, 0.0))
    assert found.measures["auc"] == 0.5
    assert found.measures["membership_auc"] == pytest.approx(0.5, abs=0.06)
    assert weigh(linear(0.0, 0.0), linear(0.0, 0.0, padding=50)).measures["agreement"] == 1.0


def test_a_model_that_grew_is_told() -> None:
    assert "compression.not-smaller" in rules(weigh(linear(4.0, 4.0, padding=900)))


def test_every_way_is_in_the_product_and_the_model_as_it_was_is_first() -> None:
    found = weigh(linear(4.0, 4.0), ways={"prune": linear(1.0, 0.0)})
    told = json.loads(found.products["candidates"])
    assert told["score"] == "auc"
    assert [way["name"] for way in told["candidates"]] == ["uncompressed", "chosen", "prune"]
    assert told["candidates"][2]["loss"][1] > 0
    assert found.measures["ways"] == 2


def test_an_export_that_is_not_the_estimator_fails() -> None:
    other = Predictor(linear(3.9, 4.0), SIGNATURE).predict(under_test(BEFORE).holdout.inputs)
    assert weigh(linear(4.0, 4.0), estimator_outputs=other).outcome is Outcome.FAILED
    assert rules(weigh(linear(4.0, 4.0), estimator_outputs=other)) == {"compression.export-differs"}
    assert rules(weigh(linear(4.0, 4.0), estimator_outputs=None)) == {"compression.export-unknown"}


def test_nothing_compressed_and_nothing_to_measure_on() -> None:
    assert rules(weigh(BEFORE, None)) == {"compression.none"}
    few = under_test(BEFORE)
    few = replace(few, holdout=few.holdout.take(np.arange(5)))
    given = Compressed(few, itertools.count().__next__, BEFORE)
    assert QUICK.examine(given).outcome is Outcome.SKIPPED


def test_quantities_agree_by_the_share_of_variance() -> None:
    one, other = NUMBERS[:, :1].astype(np.float64), NUMBERS[:, :1] + 0.1
    assert agreement(Task.REGRESSION, one, one) == 1.0
    assert 0.9 < agreement(Task.REGRESSION, one, other) < 1.0


@pytest.mark.parametrize(
    "wrong", [{"rows": 5}, {"queries": 0}, {"budget": 0.0}, {"resamples": 10}, {"notable_loss": -1}]
)
def test_settings_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError):
        replace(QUICK, **wrong)  # type: ignore[arg-type]
