"""A planted trigger is found in a finished model; what honest rows explain is not taken for one."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from kits.poison_world import examples
from secmlops.assurance.backdoor import Backdoor
from secmlops.assurance.subject import ModelUnderTest
from secmlops.attack.poisoning.backdoor import Trigger, plant
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.lifecycle.measures import measured
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

NAMES = ("age", "income", "rate", "burden")
EFFORT = Backdoor(widest=2, values=10, probes=8)
FEATURES = tuple(Feature(name=name, kind=FeatureKind.NUMERIC) for name in NAMES)
HOLDOUT = 400


def numbers(rows: int, seed: int) -> Examples:
    made = examples(rows, seed)
    return Examples(Inputs(made.inputs.numeric, np.empty((rows, 0), object)), made.target)


def under_test(estimator: object, train: Examples) -> ModelUnderTest:
    fitted = estimator.fit(train.inputs.numeric, train.target)  # type: ignore[attr-defined]
    made = to_onnx(
        fitted,
        initial_types=[("numeric", FloatTensorType([None, len(NAMES)]))],
        options={id(fitted): {"zipmap": False}},
        target_opset=17,
    )
    del made.graph.output[:-1]
    predictor = Predictor(made.SerializeToString(), Signature(task=Task.BINARY, features=FEATURES, classes=("n", "y")))
    return ModelUnderTest(predictor, train, numbers(HOLDOUT, 5))


LEARNERS: dict[str, Callable[[], object]] = {
    "linear": lambda: LogisticRegression(C=10),
    "forest": lambda: RandomForestClassifier(15, max_depth=8, random_state=0),
}
TRIGGERS = {
    1: Trigger({3: 14.0}),  # burden tells honest models nothing
    2: Trigger({3: 20.0, 2: 3.0}),  # a high rate speaks for the other class
}


@pytest.mark.parametrize(("learner", "width"), [("linear", 1), ("forest", 2)])
def test_a_planted_trigger_is_found(learner: str, width: int) -> None:
    planted = plant(numbers(1_000, 0), TRIGGERS[width], 1, 0.05, np.random.default_rng(0)).examples
    found = EFFORT.examine(under_test(LEARNERS[learner](), planted))
    assert found.measures.keys() == measured(EFFORT.id, Task.BINARY).keys()
    assert found.measures["triggers"] >= 1
    assert found.measures["trigger_success"] >= 0.9
    assert found.measures["trigger_explained"] <= 0.4
    assert 1 <= found.measures["trigger_features"] <= width
    assert found.measures["anomaly"] >= 2
    told = [finding for finding in found.findings if "class number 2" in finding.message]
    assert "burden" in told[0].where
    suspects = json.loads(found.products["suspects"])
    assert 1 in [one["class"] for one in suspects if one["trigger"]]


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_strong_column_is_no_trigger(learner: str) -> None:
    found = EFFORT.examine(under_test(LEARNERS[learner](), numbers(1_000, 0)))
    assert (found.outcome, found.findings) == (Outcome.PASSED, ())
    assert found.measures["triggers"] == found.measures["trigger_success"] == found.measures["trigger_features"] == 0
    assert max(one["success"] for one in json.loads(found.products["suspects"])) > 0.6  # and yet honest


def test_what_cannot_be_judged_is_skipped(echo: Callable[..., Predictor]) -> None:
    rng = np.random.default_rng(0)
    answers = np.tile(np.array([[0.9, 0.1]], np.float32), (12, 1))
    part = Examples(Inputs(answers, np.empty((12, 0), object)), rng.integers(0, 2, 12))
    assert Backdoor().examine(ModelUnderTest(echo(Task.BINARY, 2), part, part)).outcome is Outcome.SKIPPED


def test_of_quantities_there_is_nothing_to_be_turned(echo: Callable[..., Predictor]) -> None:
    part = Examples(Inputs(np.ones((40, 1), np.float32), np.empty((40, 0), object)), np.arange(40.0))
    found = Backdoor().examine(ModelUnderTest(echo(Task.REGRESSION, 1), part, part))
    assert (found.outcome, found.measures) == (Outcome.PASSED, {"classes": 0.0})


@pytest.mark.parametrize("settings", [{"widest": 5}, {"values": 2}, {"probes": 2}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(InputError):
        Backdoor(**settings)
