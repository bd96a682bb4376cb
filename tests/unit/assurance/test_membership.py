"""The control attacks models whose exposure is known: one that memorised, one that answers all alike."""

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from secmlops.assurance.membership import Membership
from secmlops.assurance.subject import ModelUnderTest, Promise, ReferenceAnswers
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task

Build = Callable[..., ModelUnderTest]
Rows = tuple[np.ndarray, np.ndarray]


def rows(count: int, sure: float, seed: int) -> Rows:
    """Coin tosses as truth, and a model that states the truth with about this probability."""
    rng = np.random.default_rng(seed)
    target = rng.integers(2, size=count)
    right = np.clip(rng.normal(sure, 0.05, count), 0.01, 0.99)
    return target, np.where(np.arange(2) == target[:, None], right[:, None], 1 - right[:, None])


def test_a_model_that_memorised_is_found_out(soft: Build) -> None:
    found = Membership(references=2).examine(soft(rows(300, 0.9, 0), rows(300, 0.5, 1)))
    assert found.outcome is Outcome.PASSED
    assert [one.rule for one in found.findings] == ["membership.exposed"]
    assert found.measures["attack_auc_low"] > 0.9
    assert found.measures["tpr_at_1pct"] > 0.5
    assert found.measures["threshold.attack_auc"] <= found.measures["attack_auc"]
    assert found.measures["epsilon_low"] > 2
    assert found.measures["attacks"] == 4
    exposed = json.loads(found.products["exposed"])
    assert 0 < len(exposed) <= 20
    assert all(0 <= row < 300 for row in exposed)
    drawn = json.loads(found.products["roc"])
    assert drawn["rmia"]["false"][0] == 0
    assert drawn["rmia"]["true"][-1] == 1


def test_a_model_that_answers_all_alike_gives_nothing_away(soft: Build) -> None:
    found = Membership().examine(soft(rows(300, 0.5, 0), rows(300, 0.5, 1)))
    assert not found.findings
    assert found.measures["attacks"] == 6
    assert found.measures["attack_auc_low"] < 0.53
    assert found.measures["epsilon_low"] < 0.3


@pytest.mark.parametrize(("epsilon", "outcome"), [(1.0, Outcome.FAILED), (10.0, Outcome.PASSED)])
def test_a_promise_of_privacy_that_attacks_refute_is_an_error(soft: Build, epsilon: float, outcome: Outcome) -> None:
    model = replace(soft(rows(200, 0.9, 0), rows(200, 0.5, 1)), promise=Promise(epsilon, 1e-5))
    found = Membership(references=2, copies=1).examine(model)
    assert found.outcome is outcome
    assert found.measures["promised_epsilon"] == epsilon
    assert ("membership.promise-broken" in [one.rule for one in found.findings]) is (outcome is Outcome.FAILED)


def own_kind(train: Rows, holdout: Rows, models: int, memory: float) -> ReferenceAnswers:
    """Models that are as sure as the model of rows they learned from, by ``memory``, and know nothing of others."""
    rng = np.random.default_rng(3)
    truth = np.concatenate([train[0], holdout[0]])
    learned = np.zeros((models, len(train[0])), bool)
    for pair in range(models // 2):
        learned[2 * pair] = rng.random(len(train[0])) < 0.5
        learned[2 * pair + 1] = ~learned[2 * pair]
    sure = np.full((models, len(truth)), 0.5)
    sure[:, : len(train[0])] += memory * learned
    outputs = np.where(np.arange(2) == truth[:, None], sure[..., None], 1 - sure[..., None])
    return ReferenceAnswers(outputs, np.arange(len(train[0])), np.arange(len(holdout[0])), learned)


def test_models_of_the_own_kind_take_the_place_of_imitations(soft: Build) -> None:
    train, holdout = rows(300, 0.9, 0), rows(300, 0.5, 1)
    model = replace(soft(train, holdout), references=own_kind(train, holdout, 8, 0.4))
    found = Membership(references=2).examine(model)
    assert (found.measures["references"], found.measures["own_kind"]) == (8, 1)
    assert found.measures["attack_auc_low"] > 0.9
    assert found.measures["attacks"] == 5
    assert "lira_offline.attack_auc" in found.measures
    assert "membership.own-kind" in {one.rule for one in found.findings}


def test_reference_models_that_know_the_training_rows_give_nothing_away_of_a_model_that_does_not(soft: Build) -> None:
    """None of them learned from the holdout: that alone must not tell members from others."""
    train, holdout = rows(300, 0.5, 0), rows(300, 0.5, 1)
    model = replace(soft(train, holdout), references=own_kind(train, holdout, 8, 0.4))
    found = Membership().examine(model)
    assert found.measures["attack_auc_low"] < 0.53
    assert found.measures["epsilon_low"] < 0.3


def test_quantities_are_not_attacked_and_that_is_told(under_test: Build) -> None:
    quantities = np.arange(20.0), np.arange(20.0)[:, None]
    found = Membership().examine(under_test(quantities, quantities, Task.REGRESSION))
    assert (found.outcome, found.measures) == (Outcome.PASSED, {"attacks": 0.0})
    assert found.findings[0].rule == "membership.not-tried"


def test_too_few_rows_are_skipped(under_test: Build) -> None:
    assert Membership().examine(under_test(rows(5, 0.5, 0), rows(50, 0.5, 1))).outcome is Outcome.SKIPPED


def test_a_model_whose_members_nobody_knows_is_not_cleared(under_test: Build) -> None:
    """Half of rows that it never saw against the other half: no attack could tell them apart, which proves nothing."""
    stranger = replace(under_test(rows(50, 0.5, 0), rows(50, 0.5, 1)), members_known=False)
    found = Membership().examine(stranger)
    assert (found.outcome, found.measures) == (Outcome.SKIPPED, {})


@pytest.mark.parametrize("settings", [{"references": 3}, {"candidates": 5}, {"copies": 0}, {"notable_auc": 0.4}])
def test_settings_that_make_no_sense_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(InputError):
        Membership(**settings)
