"""The control that measures what hardened outputs take from an attacker, and from honest users."""

import dataclasses
import json

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression

from secmlops.assurance.exposure import Exposure
from secmlops.assurance.hardening import UNCHANGED, Hardening, usual_outputs
from secmlops.assurance.subject import ModelUnderTest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.core.task import Task
from secmlops.lifecycle.registry import configure
from secmlops.runtime.examples import Examples
from secmlops.runtime.hardening import Hardening as Outputs
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

COLUMNS = 8


def table(rows, seed, task):
    generator = np.random.default_rng(seed)
    numbers = generator.normal(size=(rows, COLUMNS)).astype(np.float32)
    margin = numbers[:, 0] * 2 + numbers[:, 1] - numbers[:, 2] + 1.5 * generator.normal(size=rows)
    if task is Task.REGRESSION:
        return numbers, margin
    cuts = [0.0] if task is Task.BINARY else [-1.0, 1.0]
    return numbers, np.digitize(margin, cuts).astype(np.int64)


def exported(fitted, task, classes):
    from skl2onnx import convert_sklearn  # noqa: PLC0415
    from skl2onnx.common.data_types import FloatTensorType  # noqa: PLC0415

    options = {"zipmap": False} if task.is_classification else {}
    made = convert_sklearn(
        fitted,
        initial_types=[("numeric", FloatTensorType([None, COLUMNS]))],
        options={id(fitted): options} if options else None,
        target_opset=17,
    )
    wanted = "probabilities" if task.is_classification else "prediction"
    given = "probabilities" if task.is_classification else "variable"
    del made.graph.output[:-1]
    for node in made.graph.node:
        node.output[:] = [wanted if name == given else name for name in node.output]
    made.graph.output[0].name = wanted
    features = tuple(Feature(name=f"x{i}", kind=FeatureKind.NUMERIC) for i in range(COLUMNS))
    return Predictor(made.SerializeToString(), Signature(task=task, features=features, classes=classes))


def under_test(estimator, task=Task.BINARY, train=400, holdout=400):
    numbers, target = table(train, 1, task)
    classes = {Task.BINARY: ("no", "yes"), Task.MULTICLASS: ("a", "b", "c"), Task.REGRESSION: ()}[task]
    predictor = exported(estimator.fit(numbers, target), task, classes)
    unseen, truth = table(holdout, 2, task)
    texts = [np.empty((rows, 0), object) for rows in (train, holdout)]
    return ModelUnderTest(
        predictor, Examples(Inputs(numbers, texts[0]), target), Examples(Inputs(unseen, texts[1]), truth)
    )


@pytest.fixture(scope="module")
def overfitted():
    return under_test(RandomForestClassifier(30, random_state=0))


@pytest.fixture(scope="module")
def regularised():
    return under_test(LogisticRegression(C=0.1))


@pytest.fixture(scope="module")
def examined(overfitted):
    return Hardening().examine(overfitted)


def test_every_setting_is_measured(examined):
    assert examined.outcome is Outcome.PASSED
    names = ("membership_auc", "membership_tpr_at_1pct", "extraction_agreement", "auc_loss", "brier_loss")
    for setting in (UNCHANGED, *usual_outputs()):
        for name in (*names, "membership_auc_low", "membership_auc_high", "changed_labels"):
            assert np.isfinite(examined.measures[f"{setting}.{name}"])
    assert examined.measures["rows"] == 400


def test_an_overfitted_model_is_warned_of(examined, regularised):
    assert examined.measures["unchanged.membership_auc"] > 0.8
    (told,) = [f for f in examined.findings if f.rule == "hardening.members-told"]
    assert told.severity is Severity.WARNING
    assert "label_only" in told.hint
    sound = Hardening(outputs={}).examine(regularised)
    assert sound.measures["unchanged.membership_auc"] < 0.58
    assert [f.rule for f in sound.findings] == ["hardening.copied"]
    assert sound.findings[0].severity is Severity.NOTE


def test_labels_alone_take_from_the_attacker_and_from_honest_users(examined):
    measures = examined.measures
    assert measures["label_only.membership_tpr_at_1pct"] < 0.8 * measures["unchanged.membership_tpr_at_1pct"]
    assert measures["label_only.membership_auc"] < measures["unchanged.membership_auc"] - 0.1
    assert measures["label_only.auc_loss"] > 0.02
    assert measures["label_only.changed_labels"] == 0


def test_what_changes_nothing_costs_nothing(examined):
    measures = examined.measures
    assert [measures[f"unchanged.{name}"] for name in ("auc_loss", "brier_loss", "changed_labels")] == [0, 0, 0]
    for name in ("membership_auc", "extraction_agreement", "auc_loss"):  # of two classes one tells both
        assert measures[f"top_1.{name}"] == pytest.approx(measures[f"unchanged.{name}"], abs=1e-6)
    assert measures["strong_noise.changed_labels"] > measures["slight_noise.changed_labels"] > 0


def test_the_same_model_gives_the_same(regularised):
    quick = Hardening(outputs={"noisy": {"noise": 0.3}}, queries=60)
    one, other = (quick.examine(regularised).measures for _ in range(2))
    assert dict(one) == dict(other)


def test_of_a_quantity_only_the_copy_is_measured():
    forest = RandomForestRegressor(20, max_depth=6, random_state=0)
    made = Hardening().examine(under_test(forest, Task.REGRESSION))
    assert made.outcome is Outcome.PASSED
    settings = {name.split(".")[0] for name in made.measures} - {"rows"}
    assert settings == {"unchanged", "digits_1", "digits_2", "slight_noise", "strong_noise"}
    assert 0.5 < made.measures["unchanged.extraction_agreement"] <= 1
    assert made.measures["strong_noise.extraction_agreement"] < made.measures["unchanged.extraction_agreement"]
    assert made.measures["strong_noise.r2_loss"] > 0
    assert not any("membership" in name or name.endswith("changed_labels") for name in made.measures)


def test_more_than_two_classes():
    made = Hardening().examine(under_test(RandomForestClassifier(20, random_state=0), Task.MULTICLASS))
    measures = made.measures
    assert measures["unchanged.membership_auc"] > 0.75
    assert measures["label_only.membership_tpr_at_1pct"] < measures["unchanged.membership_tpr_at_1pct"]
    assert 0.5 < measures["unchanged.extraction_agreement"] < 1
    assert measures["top_1.changed_labels"] == 0
    assert measures["top_1.brier_loss"] != 0
    assert measures["label_only.auc_loss"] > 0


def test_too_few_rows_or_one_class_are_skipped(overfitted):
    few = dataclasses.replace(overfitted, holdout=overfitted.holdout.take(np.arange(19)))
    one = dataclasses.replace(overfitted, holdout=overfitted.holdout.take(np.flatnonzero(overfitted.holdout.target)))
    for model, why in ((few, "19 holdout rows"), (one, "single class")):
        made = Hardening().examine(model)
        assert made.outcome is Outcome.SKIPPED
        assert why in made.findings[0].message
    enough = dataclasses.replace(overfitted, holdout=overfitted.holdout.take(np.arange(20)))
    assert Hardening(outputs={}, queries=40).examine(enough).outcome is Outcome.PASSED


def test_a_model_with_one_answer_says_nothing_of_copies(overfitted):
    always = np.flatnonzero(overfitted.holdout_outputs[:, 1] > 0.5)
    agreed = dataclasses.replace(overfitted, holdout=overfitted.holdout.take(always))
    rules = [f.rule for f in Hardening(outputs={}).examine(agreed).findings]
    assert "hardening.one-answer" in rules


def test_the_rows_that_a_copy_is_judged_by_are_not_asked_about(overfitted):
    exposure = Exposure(overfitted)
    (thieves,) = exposure.extraction({"plain": Outputs()}, [30]).values()
    assert thieves.keys() == {"random", "natural", "active", "jacobian"}
    assert not set(exposure._own) & set(exposure._tested)


def test_the_curve_is_told_and_what_was_not_reached_is_no_number(examined, regularised):
    curves = json.loads(examined.products["extraction"])
    assert curves.keys() == {UNCHANGED, *usual_outputs()}
    assert [point["queries"] for point in curves[UNCHANGED]["best"]] == [150, 300]
    assert curves[UNCHANGED]["queries_for"]["99pct"] is None
    assert "unchanged.queries_for_99pct" not in examined.measures
    easy = Hardening(outputs={}, points=3).examine(regularised)
    assert easy.measures["unchanged.queries_for_90pct"] <= 150
    assert json.loads(easy.products["extraction"])[UNCHANGED]["queries_for"]["90pct"] <= 150
    low, share, high = (easy.measures[f"unchanged.extraction_agreement{end}"] for end in ("_low", "", "_high"))
    assert low <= share <= high


def test_settings_come_from_the_project_file():
    control = configure("assurance.hardening", {"outputs": {"coarse": {"digits": 0}}, "queries": 50})
    assert control == Hardening(outputs={"coarse": {"digits": 0}}, queries=50)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"outputs": {"a": {"digitz": 1}}}, "digitz"),
        ({"outputs": {"a": {"noise": 3}}}, "noise"),
        ({"outputs": {"unchanged": {}}}, "unchanged"),
        ({"outputs": {"No Good": {}}}, "small letters"),
        ({"queries": 0}, "queries"),
        ({"points": 0}, "numbers of queries"),
        ({"notable_membership": 0.3}, "notable_membership"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings, why):
    with pytest.raises(InputError, match=why):
        Hardening(**settings)
