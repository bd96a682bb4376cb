from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.csv
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from secmlops.assurance.performance import Performance
from secmlops.assurance.subject import ModelUnderTest
from secmlops.core.control import Examination
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task

Build = Callable[..., ModelUnderTest]
Rows = tuple[np.ndarray, np.ndarray]
QUICK = Performance(resamples=200)


def binary(rows: int, strength: float, share: float = 0.3, seed: int = 0) -> Rows:
    """Targets, and the probabilities of a model that sees so much of them."""
    rng = np.random.default_rng(seed)
    target = (rng.random(rows) < share).astype(np.int64)
    odds = np.log(share / (1 - share)) + strength * (target - share) + rng.normal(size=rows) * strength**0.5
    event = 1 / (1 + np.exp(-odds))
    return target, np.stack([1 - event, event], axis=1)


def rules(examination: Examination) -> set[str]:
    return {finding.rule for finding in examination.findings}


def test_a_good_model_passes_with_intervals_around_every_metric(under_test: Build) -> None:
    found = QUICK.examine(under_test(binary(800, 2), binary(900, 2, seed=1)))
    assert found.outcome is Outcome.PASSED
    for name in ("auc", "average_precision", "accuracy", "balanced_accuracy", "precision", "recall", "f1", "brier"):
        assert found.measures[f"{name}_low"] < found.measures[name] < found.measures[f"{name}_high"]
    assert found.measures["auc"] > 0.8
    assert found.measures["baseline_auc"] == 0.5
    assert found.measures["baseline_accuracy"] == pytest.approx(1 - found.measures["event_share"])
    assert found.measures["events"] == found.measures["rows"] * found.measures["event_share"]
    width = found.measures["auc_high"] - found.measures["auc_low"]
    assert width == pytest.approx(2 * 1.96 * found.measures["auc_standard_error"], rel=0.25)
    assert not found.findings


def test_measures_are_finite_and_repeatable(under_test: Build) -> None:
    model = under_test(binary(200, 1), binary(200, 1, seed=1))
    first, again = QUICK.examine(model), QUICK.examine(model)
    assert first == again
    assert np.isfinite(list(first.measures.values())).all()


def test_the_seed_of_the_model_moves_only_the_intervals(under_test: Build) -> None:
    rows = binary(200, 1), binary(200, 1, seed=1)
    one, two = QUICK.examine(under_test(*rows, seed=1)), QUICK.examine(under_test(*rows, seed=2))
    assert one.measures["auc"] == two.measures["auc"]
    assert one.measures["auc_low"] != two.measures["auc_low"]


def test_a_model_that_guesses_fails(under_test: Build) -> None:
    found = QUICK.examine(under_test(binary(500, 2), binary(500, 0, seed=3)))
    assert found.outcome is Outcome.FAILED
    assert "performance.no-better-than-guessing" in rules(found)


def test_an_inverted_model_fails_and_its_probabilities_mislead(under_test: Build) -> None:
    target, answers = binary(500, 2)
    found = QUICK.examine(under_test((target, answers), (target, answers[:, ::-1])))
    assert found.outcome is Outcome.FAILED
    assert {"performance.majority-is-better", "performance.probabilities-mislead"} <= rules(found)


def test_few_events_are_warned_of(under_test: Build) -> None:
    found = QUICK.examine(under_test(binary(800, 4), binary(300, 4, share=0.1, seed=2)))
    assert found.outcome is Outcome.PASSED
    assert "performance.few-events" in rules(found)
    assert "performance.few-events" not in rules(
        Performance(resamples=200, minimum_events=5).examine(
            under_test(binary(800, 4), binary(300, 4, share=0.1, seed=2))
        )
    )


def test_a_model_that_never_calls_an_event_is_told_of_its_threshold(under_test: Build) -> None:
    target, answers = binary(600, 2)
    faint = np.stack([1 - answers[:, 1] * 0.4, answers[:, 1] * 0.4], axis=1)
    found = QUICK.examine(under_test((target, faint), (target, faint)))
    assert "performance.no-event-called" in rules(found)
    assert found.measures["precision"] == 0.0
    assert 0 < found.measures["youden_threshold"] < 0.4
    assert found.measures["youden_balanced_accuracy"] > 0.7 > found.measures["balanced_accuracy"]


def test_the_threshold_comes_from_the_training_rows(under_test: Build) -> None:
    train = np.array([0, 1] * 20), np.tile([[0.9, 0.1], [0.8, 0.2]], (20, 1))
    holdout = np.array([0, 1] * 20), np.tile([[0.9, 0.1], [0.85, 0.15]], (20, 1))
    found = QUICK.examine(under_test(train, holdout))
    assert found.measures["youden_threshold"] == pytest.approx(0.2)
    assert found.measures["youden_balanced_accuracy"] == 0.5


def test_deciding_at_the_share_of_events_is_measured_by_precision_and_recall(under_test: Build) -> None:
    rare = np.arange(40) % 10 == 0
    score = np.where(rare, 0.3, 0.05) + np.where(np.arange(40) == 1, 0.2, 0.0)
    rows = rare.astype(np.int64), np.stack([1 - score, score], axis=1)
    measures = QUICK.examine(under_test(rows, rows)).measures
    assert measures["precision"] == measures["recall"] == 0
    assert measures["prior_threshold"] == pytest.approx(0.1)
    assert measures["prior_precision"] == pytest.approx(4 / 5)
    assert measures["prior_recall"] == 1


def test_one_event_has_no_standard_error_but_measures(under_test: Build) -> None:
    target = np.array([1] + [0] * 19)
    event = np.linspace(0.9, 0.1, 20)
    found = QUICK.examine(
        under_test((target, np.stack([1 - event, event], 1)), (target, np.stack([1 - event, event], 1)))
    )
    assert "auc_standard_error" not in found.measures
    assert found.measures["auc"] == 1.0


def multiclass(rows: int, strength: float, seed: int = 0) -> Rows:
    rng = np.random.default_rng(seed)
    target = rng.integers(0, 3, rows)
    odds = rng.normal(size=(rows, 3))
    odds[np.arange(rows), target] += strength
    return target, np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)


def test_many_classes(under_test: Build) -> None:
    found = QUICK.examine(under_test(multiclass(500, 2), multiclass(500, 2, 1), Task.MULTICLASS))
    assert found.outcome is Outcome.PASSED
    assert set(found.measures) >= {"auc", "accuracy", "f1", "log_loss", "auc_low", "baseline_accuracy", "rows"}
    assert "events" not in found.measures
    guessing = QUICK.examine(under_test(multiclass(500, 2), multiclass(500, 0, 2), Task.MULTICLASS))
    assert guessing.outcome is Outcome.FAILED


def test_a_class_missing_from_the_holdout_is_told(under_test: Build) -> None:
    target, answers = multiclass(400, 3)
    kept = target != 2
    found = QUICK.examine(under_test((target, answers), (target[kept], answers[kept]), Task.MULTICLASS))
    assert "performance.class-absent" in rules(found)
    assert np.isfinite(list(found.measures.values())).all()


def regression(rows: int, noise: float, seed: int = 0) -> Rows:
    rng = np.random.default_rng(seed)
    target = rng.normal(size=rows) * 10 + 100
    return target, (target + rng.normal(size=rows) * noise)[:, None]


def test_quantities(under_test: Build) -> None:
    found = QUICK.examine(under_test(regression(400, 2), regression(400, 3, 1), Task.REGRESSION))
    assert found.outcome is Outcome.PASSED
    assert found.measures["r2_low"] < found.measures["r2"] < found.measures["r2_high"]
    assert found.measures["rmse"] == pytest.approx(3, rel=0.15)
    assert found.measures["baseline_rmse"] == pytest.approx(10, rel=0.15)
    assert found.measures["baseline_r2"] <= 0
    worse = QUICK.examine(under_test(regression(400, 2), regression(400, 12, 1), Task.REGRESSION))
    assert worse.outcome is Outcome.FAILED


def test_a_single_class_is_skipped_without_measures(under_test: Build) -> None:
    target, answers = binary(50, 2)
    found = QUICK.examine(under_test((target, answers), (np.zeros(50, np.int64), answers)))
    assert found.outcome is Outcome.SKIPPED
    assert not found.measures


def test_settings_are_checked() -> None:
    for wrong in ({"minimum_events": -1}, {"resamples": 10}, {"confidence": 1.5}):
        with pytest.raises(InputError):
            Performance(**wrong)


def test_a_scorecard_on_german_credit(under_test: Build, shared_data: Callable[[str], Path]) -> None:
    table = pyarrow.csv.read_csv(shared_data("german-credit.csv")).to_pandas()
    target = (table.pop("class-label") == 0).to_numpy(np.int64)
    rows = np.random.default_rng(0).permutation(len(target))
    train, holdout = rows[:700], rows[700:]
    categories = table.select_dtypes(exclude="number")
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression(C=0.3, max_iter=1000))
    model.fit(categories.iloc[train], target[train])
    answers = model.predict_proba(categories)
    found = QUICK.examine(under_test((target[train], answers[train]), (target[holdout], answers[holdout])))
    assert found.outcome is Outcome.PASSED
    assert 0.65 < found.measures["auc"] < 0.85
    assert found.measures["event_share"] == pytest.approx(0.3, abs=0.06)
