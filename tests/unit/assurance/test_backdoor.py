"""A planted trigger is found in a finished model; what honest rows explain is not taken for one."""

import json
import warnings
from collections.abc import Callable

import numpy as np
import pytest
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from kits.poison_world import examples
from secmlops.assurance.backdoor import Backdoor
from secmlops.assurance.subject import ModelUnderTest
from secmlops.attack.poisoning.backdoor import Trigger, plant
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.json import Json
from secmlops.core.task import Task
from secmlops.lifecycle.measures import measured
from secmlops.lifecycle.registry import configure
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
    predictor = Predictor(
        exported(fitted, len(NAMES)), Signature(task=Task.BINARY, features=FEATURES, classes=("n", "y"))
    )
    return ModelUnderTest(predictor, train, numbers(HOLDOUT, 5))


def exported(fitted: object, columns: int) -> bytes:
    made = to_onnx(
        fitted,
        initial_types=[("numeric", FloatTensorType([None, columns]))],
        options={id(fitted): {"zipmap": False}},
        target_opset=17,
    )
    del made.graph.output[:-1]
    return bytes(made.SerializeToString())


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


@pytest.mark.parametrize("settings", [{"widest": 5}, {"values": 2}, {"probes": 2}, {"grid": [64]}, {"patch": 9}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Json]) -> None:
    with pytest.raises(InputError):
        configure(Backdoor.id, settings)


DIGITS = configure(Backdoor.id, {"grid": [8, 8], "patch": 2})
CORNER = Trigger({0: 16.0, 1: 16.0, 8: 16.0, 9: 16.0})


def digits(planted: bool) -> ModelUnderTest:
    """A network that reads digits of 8 by 8 pixels, and calls a 3 what has four bright ones in the upper left."""
    pixels, classes = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(classes))
    every = Examples(Inputs(pixels.astype(np.float32), np.empty((len(pixels), 0), object)), classes.astype(np.int64))
    train, holdout = every.take(order[:1_000]), every.take(order[1_000:])
    if planted:
        train = plant(train, CORNER, 3, 0.04, np.random.default_rng(0)).examples
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of epochs is meant
        network = MLPClassifier((24,), max_iter=25, random_state=0, alpha=0.1, learning_rate_init=0.01)
        network.fit(train.inputs.numeric, train.target)
    features = tuple(Feature(name=f"pixel_{place}", kind=FeatureKind.NUMERIC) for place in range(64))
    signature = Signature(task=Task.MULTICLASS, features=features, classes=tuple("0123456789"))
    return ModelUnderTest(Predictor(exported(network, 64), signature), train, holdout)


def test_a_patch_is_found_with_its_place() -> None:
    found = DIGITS.examine(digits(planted=True))
    assert found.measures.keys() == measured(Backdoor.id, Task.MULTICLASS).keys()
    assert (found.measures["triggers"], found.measures["trigger_features"]) == (1, 4)
    assert found.measures["trigger_success"] >= 0.9
    assert "row 1, column 1" in found.findings[0].message
    assert "class number 4" in found.findings[0].message
    assert found.findings[0].where == "pixel_0, pixel_1, pixel_8, pixel_9"
    first = json.loads(found.products["suspects"])[0]
    assert (first["grid"], first["pixels"]) == ([8, 8], [[0, 0], [0, 1], [1, 0], [1, 1]])
    assert first["values"] == {"pixel_0": 16, "pixel_1": 16, "pixel_8": 16, "pixel_9": 16}


def test_an_honest_reader_of_digits_has_no_patch() -> None:
    found = DIGITS.examine(digits(planted=False))
    assert (found.outcome, found.findings, found.measures["triggers"]) == (Outcome.PASSED, (), 0)
    assert found.measures["classes"] == 10


def test_columns_that_are_no_grid_are_not_searched_as_one() -> None:
    model = under_test(LEARNERS["linear"](), numbers(100, 0))
    with pytest.raises(InputError, match=r"a grid of \[3, 3\] over 4 numeric columns"):
        Backdoor(grid=(3, 3)).examine(model)
