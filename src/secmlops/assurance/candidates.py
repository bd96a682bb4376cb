"""One model beside another of the same inputs: what it costs in quality, safety and fairness, and what it gains."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from secmlops.assurance import metrics
from secmlops.assurance.bootstrap import Bootstrap, Interval
from secmlops.assurance.calibration import Calibration
from secmlops.assurance.evasion import Evasion
from secmlops.assurance.fairness import Fairness
from secmlops.assurance.metrics import Floats, Weights
from secmlops.assurance.scores import HEADLINE, called, headline, plain, strata
from secmlops.assurance.subject import ModelUnderTest, Outputs
from secmlops.attack.membership import threshold
from secmlops.attack.roc import Roc
from secmlops.core.task import Task
from secmlops.runtime.predictor import Predictor

Timer: TypeAlias = Callable[[], float]
"""Seconds since some moment, as ``time.perf_counter`` gives them."""

BATCH = 1000
_ROUNDS, _BATCHES = 200, 20


@dataclass(frozen=True, slots=True)
class Look:
    """How closely a candidate is looked at: rows attacked and queries for each, the cost of a change, resamples."""

    rows: int
    queries: int
    budget: float
    bootstrap: Bootstrap


@dataclass(frozen=True, slots=True)
class Candidate:
    """What was measured of one model: ``facts`` by name, and against the model as it was its ``agreement``.

    ``losses`` are differences of scores by name, each with its interval: above 0 the candidate is worse.
    """

    name: str
    facts: Mapping[str, float]
    agreement: float
    losses: Mapping[str, tuple[float, Interval]]


def candidate(name: str, model: ModelUnderTest, before: ModelUnderTest, look: Look, timer: Timer) -> Candidate:
    """Measure ``model`` on its holdout, and against the model ``before``, which has the same rows."""
    after, was, target = model.holdout_outputs, before.holdout_outputs, model.holdout.target

    def differences(weights: Weights) -> dict[str, Floats]:
        one, other = _scores(before, was)(weights), _scores(model, after)(weights)
        return {f"{score}_loss": one[score] - other[score] for score in one}

    drawn = look.bootstrap.distributions(differences, strata(model.task, target))
    plainly = plain(differences, len(target))
    losses = {name: (value, look.bootstrap.interval(drawn[name])) for name, value in plainly.items()}
    return Candidate(name, facts(model, look, timer), agreement(model.task, after, was), losses)


def facts(model: ModelUnderTest, look: Look, timer: Timer) -> dict[str, float]:
    """Score, calibration, fairness, robustness, exposure, size and speed of a model, as far as there are any."""
    score = HEADLINE[model.task]
    found = {score: plain(headline(model.task, model.holdout.target, model.holdout_outputs), len(model.holdout))[score]}
    if model.task.is_classification:
        found |= _part(Calibration().examine(model).measures, "ece")
    if model.holdout.groups:
        told = Fairness(resamples=look.bootstrap.resamples).examine(model).measures
        widest = ("demographic_parity_difference", "equalized_odds_difference", "mean_prediction_difference")
        gaps = [told[name] for name in widest if name in told]
        found |= {"fairness_gap": max(gaps)} if gaps else {}
    attacked = Evasion((look.budget,), look.rows, look.queries, ("hop_skip_jump",), notable_budget=look.budget)
    found |= _part(attacked.examine(model).measures, f"robust_accuracy_at_{look.budget:g}")
    if model.task.is_classification and model.members_known:
        found["membership_auc"] = _exposure(model)
    found["model_bytes"] = float(len(model.onnx or b""))
    return found | _speed(model, timer)


def agreement(task: Task, one: Outputs, other: Outputs) -> float:
    """Share of rows that get the same class; of quantities, the share of the other's variance that one explains."""
    if task is Task.REGRESSION:
        if np.array_equal(one, other):
            return 1.0
        return float(metrics.r2(other[:, 0], one[:, 0], metrics.once(len(one)))[0])
    return float((called(one) == called(other)).mean())


def as_candidate(model: ModelUnderTest, onnx: bytes) -> ModelUnderTest:
    """``model`` with other bytes, on one thread, and no curve; raises VerificationError for bytes that do not fit."""
    return replace(model, predictor=Predictor(onnx, model.signature), onnx=onnx, curve=None)


def _scores(model: ModelUnderTest, outputs: Outputs) -> Callable[[Weights], Mapping[str, Floats]]:
    """The headline metric, and of a classifier its accuracy."""
    ranked = headline(model.task, model.holdout.target, outputs)
    if not model.task.is_classification:
        return ranked
    right = (called(outputs) == model.holdout.target).astype(np.float64)
    return lambda weights: {**ranked(weights), "accuracy": metrics.mean(right, weights)}


def _part(measures: Mapping[str, float], name: str) -> dict[str, float]:
    return {name: measures[name]} if name in measures else {}


def _exposure(model: ModelUnderTest) -> float:
    """Area under the ROC curve of the threshold attack, on as many rows of each kind."""
    each = min(len(model.train), len(model.holdout))
    generator = np.random.default_rng([model.seed, 7])
    places = [generator.permutation(len(part))[:each] for part in (model.train, model.holdout)]
    pairs = ((model.train_outputs, model.train.target), (model.holdout_outputs, model.holdout.target))
    scores = [
        threshold(outputs[rows], target[rows].astype(np.int64))
        for (outputs, target), rows in zip(pairs, places, strict=True)
    ]
    return Roc.of(np.concatenate(scores), np.repeat([True, False], each)).auc


def _speed(model: ModelUnderTest, timer: Timer) -> dict[str, float]:
    """Microseconds of one row and of a batch, the best of several rounds."""
    rows = model.holdout.inputs
    one, many = rows.take(np.zeros(1, np.intp)), rows.take(np.arange(BATCH) % len(rows))
    best = {}
    for name, given, rounds in (("row", one, _ROUNDS), ("batch", many, _BATCHES)):
        taken = []
        for _ in range(rounds):
            began = timer()
            model.predictor.predict(given)
            taken.append(timer() - began)
        best[f"{name}_microseconds"] = 1e6 * min(taken)
    return best
