"""What compression leaves in the sandbox, done here without one."""

import json
from collections.abc import Callable

import msgspec
import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline

from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Inputs
from secmlops.training.advice import is_ours
from secmlops.training.compress.compress import compress, inputs_of, kind_of, learned_from, unseen_by
from secmlops.training.compress.files import compressed_files, compressed_products, compressed_ways
from secmlops.training.compress.pruning import Kind
from secmlops.training.compress.settings import CompressSettings
from secmlops.training.recalibration.recalibrated import Recalibrated
from secmlops.training.transport import array_from_bytes, to_table


def settings(**asked: object) -> CompressSettings:
    return msgspec.convert(asked, CompressSettings)


def test_the_model_and_its_answers_are_those_of_the_last_way(fitted: Callable) -> None:
    orders, estimator, folder = fitted("random_forest")
    before = {name: (folder / "out" / name).read_bytes() for name in ("model.onnx", "holdout.npy")}
    asked = settings(prune=0.3, leaves=0.5)
    compress(orders, asked, estimator, folder)
    left = {path.name: path.read_bytes() for path in (folder / "out").iterdir()}
    assert left["uncompressed.onnx"] == before["model.onnx"]
    assert left["uncompressed_outputs"] == before["holdout.npy"]
    assert len(left["model.onnx"]) < len(left["way-prune.onnx"]) < len(before["model.onnx"]) / 2
    holdout = learned_from(folder, orders).inputs.take(np.arange(50))
    answers = Predictor(left["model.onnx"], orders.signature).predict(holdout)
    assert np.array_equal(array_from_bytes(left["holdout.npy"]), answers)
    products = compressed_products(asked, left, left.__getitem__)
    assert list(compressed_ways(products)) == ["linear", "small_tree", "small_boosting", "prune", "leaves"]
    assert set(products) <= set(compressed_files(asked, 1, 1))


def test_without_comparison_no_other_way_is_gone(fitted: Callable) -> None:
    orders, estimator, folder = fitted("logistic_regression")
    compress(orders, settings(quantise="dynamic", compare=False), estimator, folder)
    assert {p.name for p in (folder / "out").iterdir()} == {
        "model.onnx",
        "holdout.npy",
        "uncompressed.onnx",
        "uncompressed_outputs",
    }


@pytest.mark.parametrize(
    ("model", "asked", "told"),
    [
        ("gradient_boosting", {"quantise": "int8"}, "no product of matrices"),
        ("logistic_regression", {"prune": 0.5}, "no trees"),
        ("logistic_regression", {"leaves": 0.5}, "no single ensemble"),
        ("random_forest", {"distil": "linear", "prune": 0.5}, "no trees"),
    ],
)
def test_a_way_that_does_not_apply_is_told(fitted: Callable, model: str, asked: dict[str, object], told: str) -> None:
    orders, estimator, folder = fitted(model)
    with pytest.raises(InputError, match=told) as refused:
        compress(orders, settings(**asked), estimator, folder)
    assert is_ours(refused.value.hint)
    assert not (folder / "out/uncompressed.onnx").exists()


def test_trees_are_judged_by_rows_they_did_not_see(fitted: Callable) -> None:
    orders, estimator, folder = fitted("random_forest")
    learned = learned_from(folder, orders)
    unseen = unseen_by(learned, estimator, orders)
    assert unseen is not None
    assert 0.5 < unseen.mean() < 0.7
    foreign = RandomForestClassifier(4, random_state=1).fit(np.arange(240)[:, None], np.arange(240) % 2)
    theirs = msgspec.structs.replace(orders, model=None)
    bagged = unseen_by(learned, foreign, theirs)
    assert bagged is not None
    assert not bagged[2][foreign.estimators_samples_[2]].any()
    whole = RandomForestClassifier(2, bootstrap=False).fit(np.arange(240)[:, None], np.arange(240) % 2)
    assert unseen_by(learned, whole, theirs) is None


def test_the_kind_of_an_ensemble_is_known_by_its_class(problem: Callable) -> None:
    _, signature = problem(Task.BINARY)
    forest = RandomForestClassifier()
    assert kind_of(Pipeline([("model", forest)])) is Kind.FOREST
    assert kind_of(CalibratedClassifierCV(forest)) is None
    assert kind_of(Recalibrated(forest, (), signature)) is Kind.FOREST


def test_rows_come_back_from_a_table_as_they_went(problem: Callable) -> None:
    examples, signature = problem(Task.BINARY)
    back = inputs_of(to_table(examples.inputs, signature), signature)
    assert np.array_equal(back.numeric, examples.inputs.numeric, equal_nan=True)
    assert np.array_equal(back.categorical, examples.inputs.categorical)
    bare = Inputs(np.empty((3, 0), np.float32), np.array([["a"], ["b"], [""]], object))
    texts = msgspec.structs.replace(signature, features=tuple(f for f in signature.categorical[:1]))
    assert inputs_of(to_table(bare, texts), texts).numeric.shape == (3, 0)


@pytest.mark.parametrize("asked", [{"prune": 0}, {"prune": 1}, {"quantise": "int4"}, {"distil": "large"}, {"x": 1}])
def test_settings_out_of_range_are_refused(asked: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        settings(**asked)


def test_settings_know_whether_they_look_at_rows() -> None:
    assert not settings().asked
    assert settings(quantise="dynamic").asked
    assert not settings(quantise="dynamic").reads_rows
    assert settings(quantise="int8").reads_rows
    assert settings(prune=0.5).reads_rows
    assert json.loads(msgspec.json.encode(settings(prune=0.5)))["compare"] is True
