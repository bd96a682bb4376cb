"""Differences between groups agree with fairlearn's, are told with intervals, and their price is measured."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from secmlops.assurance.fairness import Fairness
from secmlops.assurance.subject import ModelUnderTest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Inputs

Judge = Callable[..., ModelUnderTest]


@pytest.fixture
def judged(echo: Callable[..., Predictor]) -> Judge:
    """A model that gives these answers to the holdout, and the same to its training rows."""

    def build(target: np.ndarray, outputs: np.ndarray, task: Task = Task.BINARY, **groups: np.ndarray):
        inputs = Inputs(outputs.astype(np.float32), np.empty((len(target), 0), object))
        examples = Examples(inputs, target, groups)
        return ModelUnderTest(echo(task, outputs.shape[1]), examples, examples)

    return build


def both(event: np.ndarray) -> np.ndarray:
    return np.stack([1 - event, event], axis=1)


def rows_of_fairlearn() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    group = np.array(["a", "b", "c"], object)[rng.choice(3, 600, p=[0.5, 0.3, 0.2])]
    target = (rng.random(600) < np.where(group == "a", 0.4, 0.25)).astype(int)
    stated = np.clip(0.25 + 0.35 * target + 0.1 * (group == "b") + rng.normal(0, 0.2, 600), 0.01, 0.99).round(6)
    return target, stated, group


def test_the_differences_are_those_of_fairlearn(judged: Judge) -> None:
    """The numbers on the right were computed by fairlearn 0.15.0 on the same rows, called at 0.5."""
    target, stated, group = rows_of_fairlearn()
    measures = Fairness().examine(judged(target, both(stated), branch=group)).measures
    assert measures["demographic_parity_difference"] == pytest.approx(0.020115818348064585)
    assert measures["demographic_parity_ratio"] == pytest.approx(0.9460784313725491)
    assert measures["equalized_odds_difference"] == pytest.approx(0.15466961978589888)
    assert measures["equal_opportunity_difference"] == pytest.approx(0.15466961978589888)
    assert measures["predictive_parity_difference"] == pytest.approx(0.3431372549019608)
    assert measures["branch.demographic_parity_ratio"] == measures["demographic_parity_ratio"]


def planted(rows: int, gap: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Equal truth in both groups; the model states ``gap`` more for one of them."""
    rng = np.random.default_rng(seed)
    group = np.where(rng.random(rows) < 0.5, "one", "other").astype(object)
    chance = rng.uniform(0.1, 0.9, rows)
    target = (rng.random(rows) < chance).astype(np.int64)
    return target, np.clip(chance + gap * (group == "one"), 0.001, 0.999), group


def test_a_planted_disparity_is_told_with_its_interval_and_its_price(judged: Judge) -> None:
    target, stated, group = planted(4_000, 0.3)
    found = Fairness().examine(judged(target, both(stated), sex=group))
    assert found.outcome is Outcome.PASSED
    told = {one.rule: one for one in found.findings}
    assert {"fairness.demographic-parity", "fairness.equal-opportunity", "fairness.calibration"} <= set(told)
    assert "for one" in told["fairness.demographic-parity"].message
    assert told["fairness.demographic-parity"].where == "sex"
    assert found.measures["calibration_difference"] == pytest.approx(0.27, abs=0.04)
    for name, truth in {"difference": 7 / 8 - 1 / 2, "ratio": 4 / 7}.items():  # as it was planted
        low, high = (found.measures[f"demographic_parity_{name}_{end}"] for end in ("low", "high"))
        assert low < truth < high
        assert high - low < 0.1
    assert found.measures["mitigated_difference"] < 0.05 < found.measures["demographic_parity_difference"]
    assert found.measures["mitigation_price"] < 0.02
    (column,) = json.loads(found.products["fairness"])
    assert (column["column"], column["groups"]) == ("sex", ["one", "other"])
    assert column["rates"]["selection"][0] > column["rates"]["selection"][1]


def test_chance_alone_is_not_warned_of(judged: Judge) -> None:
    warned = 0
    for seed in range(20):
        target, stated, group = planted(300, 0.0, seed)
        found = Fairness(resamples=200).examine(judged(target, both(stated), sex=group))
        warned += any(one.severity is Severity.WARNING for one in found.findings)
    assert warned <= 6


def test_the_worst_column_counts(judged: Judge) -> None:
    target, stated, group = planted(2_000, 0.3)
    noise = np.random.default_rng(1).permutation(group)
    measures = Fairness(resamples=200).examine(judged(target, both(stated), sex=group, region=noise)).measures
    assert measures["sensitive_columns"] == 2
    assert measures["demographic_parity_difference"] == measures["sex.demographic_parity_difference"]
    assert measures["demographic_parity_ratio"] == measures["sex.demographic_parity_ratio"]
    assert measures["demographic_parity_ratio_low"] == measures["sex.demographic_parity_ratio_low"]
    assert measures["region.demographic_parity_difference"] < 0.1


def test_small_groups_are_told_and_left_out(judged: Judge) -> None:
    target, stated, group = planted(500, 0.0)
    group[:5] = "few"
    found = Fairness(resamples=200).examine(judged(target, both(stated), sex=group))
    assert found.measures["sex.groups"] == 2
    small = [one for one in found.findings if one.rule == "fairness.small-groups"]
    assert small[0].message == "1 group is too small to compare"


def test_quantities_and_more_classes_are_compared(judged: Judge) -> None:
    rng = np.random.default_rng(0)
    group = np.where(rng.random(1_000) < 0.5, "one", "other").astype(object)
    truth = rng.normal(size=1_000)
    stated = truth + np.where(group == "one", 0.5, 0.0)
    found = Fairness(resamples=200).examine(judged(truth, stated[:, None], Task.REGRESSION, sex=group))
    assert found.measures["calibration_difference"] == pytest.approx(0.5 / truth.std())
    assert {one.rule for one in found.findings} >= {"fairness.calibration", "fairness.mean-prediction"}
    shares = rng.dirichlet(np.ones(3), 1_000)
    classes = np.array([rng.choice(3, p=one) for one in shares])
    found = Fairness(resamples=200).examine(judged(classes, shares, Task.MULTICLASS, sex=group))
    assert 0 <= found.measures["equalized_odds_difference"] < 0.2
    assert "mitigated_difference" not in found.measures


def test_without_sensitive_columns_nothing_is_compared_and_that_is_told(judged: Judge) -> None:
    target, stated, _ = planted(100, 0.0)
    found = Fairness().examine(judged(target, both(stated)))
    assert (found.outcome, found.measures) == (Outcome.PASSED, {"sensitive_columns": 0.0})
    assert [one.rule for one in found.findings] == ["fairness.nothing-compared"]


def test_columns_that_cannot_be_compared_keep_the_gate_shut(judged: Judge) -> None:
    target, stated, group = planted(40, 0.0)
    assert Fairness().examine(judged(target, both(stated), sex=group)).outcome is Outcome.SKIPPED
    assert Fairness().examine(judged(target[:5], both(stated[:5]), sex=group[:5])).outcome is Outcome.SKIPPED


@pytest.mark.parametrize(
    "settings", [{"minimum_rows": 0}, {"notable_ratio": 2.0}, {"notable_difference": -1.0}, {"resamples": 10}]
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(InputError):
        Fairness(**settings)
