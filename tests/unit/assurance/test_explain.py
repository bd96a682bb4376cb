import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from kits.explain_world import fitted, world
from secmlops.assurance.explain import Explain
from secmlops.assurance.subject import ModelUnderTest
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.explain.explainer import Explainer
from secmlops.explain.explanation import Method
from secmlops.lifecycle.registry import configure
from secmlops.report.charts.effects import effects
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Signature
from secmlops.testing import check_control
from secmlops.training.export import export
from secmlops.training.models import gradient_boosting, linear_regression, logistic_regression, random_forest

QUICK = Explain(background=20, rows=10)
AI4I_OTHERS = ("UID", "Product ID", "TWF", "HDF", "PWF", "OSF", "RNF")
SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


def model_of(fit: Callable[..., object], task: Task, *, readable: bool = True, rows: int = 200) -> ModelUnderTest:
    model, predictor, inputs = fitted(fit, task, rows)
    train = Examples(inputs, world(task, rows)[1])
    new, target = world(task, 60, seed=5)
    return ModelUnderTest(predictor, train, Examples(new, target), onnx=model if readable else None)


def rules(examination: Examination) -> set[str]:
    return {finding.rule for finding in examination.findings}


@pytest.mark.parametrize(
    ("fit", "task"),
    [
        (logistic_regression, Task.BINARY),
        (logistic_regression, Task.MULTICLASS),
        (linear_regression, Task.REGRESSION),
        (random_forest, Task.BINARY),
        (gradient_boosting, Task.MULTICLASS),
        (gradient_boosting, Task.REGRESSION),
    ],
)
def test_every_built_in_model_gets_an_explainer_that_adds_up(fit: Callable[..., object], task: Task) -> None:
    model = model_of(fit, task)
    found = check_control(QUICK, model)
    assert found.outcome is Outcome.PASSED
    assert not found.findings
    assert found.measures["exact"] == 1
    assert found.measures["evaluations"] == found.measures["standard_error"] == 0
    assert found.measures["additivity_error"] < 1e-5
    explainer = Explainer.from_bytes(found.products["explainer"], model.signature)
    assert explainer.about.model == model.predictor.digest.hex
    assert found.measures["bytes"] == len(found.products["explainer"])


def test_features_are_ranked_by_what_they_contribute() -> None:
    found = QUICK.examine(model_of(gradient_boosting, Task.BINARY))
    importance = json.loads(found.products["importance"])
    assert importance["method"] == "trees"
    means = [feature["mean_contribution"] for feature in importance["features"]]
    assert means == sorted(means, reverse=True)
    assert importance["features"][0]["feature"] == "weight"
    assert importance["features"][-1]["feature"] == "noise"
    lost = {feature["feature"]: feature["shuffled_loss"] for feature in importance["features"]}
    assert importance["metric"] == "auc"
    assert lost["weight"] > 0.05 > abs(lost["noise"])


def test_reasons_are_held_to_the_model_and_its_features_are_drawn() -> None:
    found = QUICK.examine(model_of(gradient_boosting, Task.BINARY))
    assert found.measures["agreement"] > 0.8
    assert min(found.measures["deletion"], found.measures["insertion"]) > 0.1
    assert 0 <= found.measures["steepness_median"] <= found.measures["steepness"]
    assert 0 < found.measures["strongest_interaction"] <= 1
    told = json.loads(found.products["effects"])
    assert told["explained"] == "yes"
    assert {"weight", "age"} <= {feature["feature"] for feature in told["features"]}
    assert {"colour", "age"} in [set(pair["features"]) for pair in told["interactions"][:2]]
    pictures = effects(found.products["effects"])
    assert all(picture.svg for picture in pictures)
    linear = QUICK.examine(model_of(logistic_regression, Task.BINARY)).measures
    assert linear["strongest_interaction"] < 1e-3
    assert linear["agreement"] > 0.9


def test_a_model_that_cannot_be_read_is_sampled_and_says_so() -> None:
    found = QUICK.examine(model_of(random_forest, Task.BINARY, readable=False))
    assert found.outcome is Outcome.PASSED
    assert rules(found) == {"explain.sampled"}
    assert found.measures["exact"] == 0
    assert found.measures["evaluations"] == 20 * 2 * 4
    assert found.measures["standard_error"] > 0


def test_reasons_that_do_not_add_up_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of(gradient_boosting, Task.BINARY)
    honest = Explainer._found

    def skewed(self: Explainer, *arguments: object) -> object:
        base, contributions, error = honest(self, *arguments)
        return (base + 0.05 if self.method is Method.TREES and len(base) == 10 else base), contributions, error

    monkeypatch.setattr(Explainer, "_found", skewed)
    found = QUICK.examine(model)
    assert found.outcome is Outcome.FAILED
    assert "explain.not-additive" in rules(found)


def test_reasons_that_sampling_contradicts_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Explainer._found

    def swapped(self: Explainer, *arguments: object) -> object:
        base, contributions, error = honest(self, *arguments)
        return base, contributions[:, ::-1] if self.method is Method.TREES else contributions, error

    monkeypatch.setattr(Explainer, "_found", swapped)
    found = QUICK.examine(model_of(gradient_boosting, Task.BINARY))
    assert rules(found) == {"explain.disagreement"}
    assert found.measures["additivity_error"] < 1e-5


def test_phrases_are_kept_and_those_for_nothing_are_told() -> None:
    model = model_of(logistic_regression, Task.BINARY)
    phrased = Explain(background=20, rows=10, phrases={"age": "age of {value}", "agee": "x"})
    found = phrased.examine(model)
    assert rules(found) == {"explain.unknown-feature"}
    explainer = Explainer.from_bytes(found.products["explainer"], model.signature)
    assert explainer.about.phrases == {"age": "age of {value}"}


def test_nothing_is_measured_without_rows() -> None:
    model = model_of(logistic_regression, Task.BINARY)
    empty = ModelUnderTest(model.predictor, model.train, model.holdout.take(np.empty(0, np.intp)))
    found = QUICK.examine(empty)
    assert found.outcome is Outcome.SKIPPED


@pytest.mark.parametrize(
    "settings",
    [{"rows": 0}, {"tolerance": 0.0}, {"tolerance": 1.0}, {"background": 0}, {"phrases": {"age": " "}}],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Explain(**settings)


def test_phrases_can_be_written_in_the_project_file() -> None:
    control = configure("assurance.explain", {"phrases": {"age": "{value} years"}})
    assert control.phrases == {"age": "{value} years"}
    with pytest.raises(InputError):
        configure("assurance.explain", {"phrases": {"age": 3}})


def test_the_bytes_of_another_model_are_refused() -> None:
    model = model_of(logistic_regression, Task.BINARY)
    with pytest.raises(InputError, match="bytes"):
        ModelUnderTest(model.predictor, model.train, model.holdout, onnx=b"other")


@pytest.mark.parametrize("fit", [logistic_regression, random_forest, gradient_boosting])
@pytest.mark.parametrize(
    ("name", "label", "skip"),
    [
        ("german-credit.csv", "class-label", ()),
        ("ai4i2020.csv", "Machine failure", ("UID", "Product ID", "TWF", "HDF", "PWF", "OSF", "RNF")),
    ],
)
def test_real_tables_are_explained(fit: Callable[..., object], name: str, label: str, skip: tuple[str, ...]) -> None:
    if not (SHARED / name).is_file():
        pytest.skip(f"the data are not at hand: {SHARED / name}")
    found = QUICK.examine(real_model(fit, SHARED / name, label, skip))
    assert found.outcome is Outcome.PASSED
    assert not found.findings
    assert found.measures["exact"] == 1
    assert found.measures["additivity_error"] < 1e-5


def real_model(fit: Callable[..., object], path: Path, label: str, skip: tuple[str, ...]) -> ModelUnderTest:
    with path.open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))[:800]
    features = tuple(
        Feature(name=n, kind=FeatureKind.NUMERIC if all(_is_number(r[n]) for r in table) else FeatureKind.CATEGORICAL)
        for n in table[0]
        if n not in {label, *skip}
    )
    signature = Signature(task=Task.BINARY, features=features, classes=("0", "1"))
    columns = {
        f.name: [float(r[f.name]) if f.kind is FeatureKind.NUMERIC else r[f.name] for r in table] for f in features
    }
    typed = {
        n: pa.array(np.array(c, np.float32)) if isinstance(c[0], float) else pa.array(c) for n, c in columns.items()
    }
    target = np.array([int(r[label]) for r in table])
    model = export(fit(pa.table(typed), target, 0), signature)
    examples = Examples(signature.encode(columns), target)
    half = np.arange(len(target)) % 2 == 0
    train, holdout = examples.take(np.flatnonzero(half)), examples.take(np.flatnonzero(~half))
    return ModelUnderTest(Predictor(model, signature), train, holdout, onnx=model)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace("-", "", 1).isdigit()
