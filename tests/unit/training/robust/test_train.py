"""Robust training as one fit: what is chosen, kept and told."""

from itertools import product
from pathlib import Path

import msgspec
import numpy as np
import pytest

from secmlops.attack.evasion.adversary import Adversary
from secmlops.core.errors import InputError, IsolationError
from secmlops.core.task import Task
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.training.models import Fit, gradient_boosting, logistic_regression, random_forest
from secmlops.training.robust.hardened import Hardened, Standing
from secmlops.training.robust.robustness import Robustness
from secmlops.training.robust.settings import RobustSettings
from secmlops.training.robust.train import harden, robust_fit
from secmlops.training.transport import to_table

NAMES = ("strong", "weak 0", "weak 1", "weak 2")
SIGNATURE = Signature(
    task=Task.BINARY,
    features=tuple(Feature(name=name, kind=FeatureKind.NUMERIC, integer=True) for name in NAMES),
    classes=("no", "yes"),
)
CHEAP = Adversary(prices={"strong": 0.1, "weak 0": 10, "weak 1": 10, "weak 2": 10})
"""Whoever pays 0.2 puts the strong feature to its other value, and moves no weak one by more than a fiftieth."""


def voters() -> tuple[Inputs, np.ndarray]:
    """Rows with one feature that is the label, and three that agree with it in 3 of 4: a vote is right in 54 of 64."""
    rows = [[sign, *(sign * v for v in votes)] for sign in (-1, 1) for votes in product((1, 1, 1, -1), repeat=3)]
    return Inputs(np.array(rows, np.float32), np.empty((128, 0), object)), np.repeat(np.array([0, 1], np.int64), 64)


def accuracy(estimator: object, rows: Inputs, target: np.ndarray) -> float:
    return float((estimator.predict(to_table(rows, SIGNATURE)) == target).mean())  # type: ignore[attr-defined]


def test_a_linear_model_gives_up_the_feature_that_is_cheap_to_change() -> None:
    rows, target = voters()
    turned = Inputs(rows.numeric * np.array([-1, 1, 1, 1], np.float32), rows.categorical)
    data = (to_table(rows, SIGNATURE), target, 0)
    plain, _ = harden((logistic_regression, SIGNATURE), Robustness(RobustSettings(budget=0), CHEAP), data)
    settings = RobustSettings(budget=0.25, rounds=1, clean_loss=0.3)
    robust, told = harden((logistic_regression, SIGNATURE), Robustness(settings, CHEAP), data)
    assert accuracy(plain, rows, target) == 1
    assert accuracy(plain, turned, target) == 0
    assert abs(robust["model"].coef_[0, 0]) < 0.01 * robust["model"].coef_[0, 1]
    assert accuracy(robust, rows, target) == accuracy(robust, turned, target) == 54 / 64
    assert told.rounds == 1
    assert told.plain
    assert told.plain.robust == 0


@pytest.mark.parametrize("fit", [random_forest, gradient_boosting], ids=["forest", "boosting"])
def test_trees_give_it_up_after_a_round(fit: Fit) -> None:
    rows, target = voters()
    turned = Inputs(rows.numeric * np.array([-1, 1, 1, 1], np.float32), rows.categorical)
    settings = RobustSettings(budget=0.25, rounds=1, queries=12, clean_loss=0.3)
    data = (to_table(rows, SIGNATURE), target, 0)
    robust, told = harden((fit, SIGNATURE), Robustness(settings, CHEAP), data)
    assert told.plain == Standing(clean=1.0, robust=0.0)
    assert told.rounds == 1
    assert accuracy(robust, rows, target) == accuracy(robust, turned, target) == 54 / 64


def test_the_plain_model_is_kept_where_robustness_costs_more_than_is_allowed() -> None:
    rows, target = voters()
    frame = to_table(rows, SIGNATURE)
    model, settings = (logistic_regression, SIGNATURE), RobustSettings(budget=0.25, rounds=1, clean_loss=0.1)
    robust, told = harden(model, Robustness(settings, CHEAP), (frame, target, 0))
    plain = logistic_regression(frame, target, 0)
    assert robust["model"].coef_.tobytes() == plain["model"].coef_.tobytes()
    assert told.rounds == 0
    assert told.chosen == told.plain
    assert [finding.rule for finding in told.findings()] == ["run-not-hardened"]


def test_a_budget_of_0_is_plain_training() -> None:
    rows, target = voters()
    given: list[object] = []

    def fit(frame: object, labels: np.ndarray, seed: int) -> object:
        given.extend((frame, labels, seed))
        return "plain"

    frame = to_table(rows, SIGNATURE)
    model, told = harden((fit, SIGNATURE), Robustness(RobustSettings(budget=0, mixup=0.5), CHEAP), (frame, target, 7))
    assert model == "plain"
    assert (given[0], given[2], len(given)) == (frame, 7, 3)
    assert told.measures() == {"robust_budget": 0, "robust_rounds": 0}
    assert told.findings() == ()


def test_few_rows_are_not_split() -> None:
    rows, target = voters()
    few = np.r_[0:16, 112:128]
    data = (to_table(rows.take(few), SIGNATURE), target[few], 0)
    model, settings = (logistic_regression, SIGNATURE), RobustSettings(budget=0.25, rounds=1, clean_loss=1, mixup=0.4)
    _, told = harden(model, Robustness(settings, CHEAP), data)
    assert told.chosen
    assert told.chosen.robust * 32 == round(told.chosen.robust * 32)


def told(rounds: int, plain: tuple[float, float], chosen: tuple[float, float]) -> bytes:
    """Report for a budget of 0.25, with clean and robust accuracy of both models."""
    names = ("clean", "robust")
    both = {"plain": dict(zip(names, plain, strict=True)), "chosen": dict(zip(names, chosen, strict=True))}
    return msgspec.json.encode({"budget": 0.25, "rounds": rounds, **both})


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"[", "cannot be read"),
        (b'{"budget": 0.25, "rounds": -1}', "cannot be read"),
        (b'{"budget": 0.25, "rounds": 1, "chosen": {"clean": 1, "robust": 1.5}}', "cannot be read"),
        (b'{"budget": 0.2, "rounds": 1}', "another budget"),
        (b'{"budget": 0.25, "rounds": 1}', "do not choose"),
        (told(6, (0.9, 0.5), (0.9, 0.6)), "do not choose"),
        (told(1, (0.9, 0.5), (0.8, 0.6)), "do not choose"),
        (told(1, (0.9, 0.5), (0.9, 0.5)), "do not choose"),
        (told(0, (0.9, 0.5), (0.9, 0.6)), "do not choose"),
    ],
)
def test_a_report_that_cannot_be_meant_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(IsolationError, match=why):
        Hardened.from_json(data, RobustSettings(budget=0.25))


def test_an_unknown_feature_is_refused() -> None:
    rows, target = voters()
    with pytest.raises(InputError, match="no feature 'height'"):
        Robustness(RobustSettings(budget=0.25), Adversary(fixed=("height",))).check(Examples(rows, target), SIGNATURE)


def test_the_report_is_of_the_model_of_the_most_rows(tmp_path: Path) -> None:
    rows, target = voters()
    told = tmp_path / "robust.json"
    robustness = Robustness(RobustSettings(budget=0.25, rounds=1, clean_loss=0.3), CHEAP)
    fit = robust_fit(logistic_regression, robustness, SIGNATURE, told)
    fit(to_table(rows, SIGNATURE), target, 0)
    report = told.read_bytes()
    half = np.arange(0, 128, 2)
    fit(to_table(rows.take(half), SIGNATURE), target[half], 0)
    assert told.read_bytes() == report
    assert Hardened.from_json(report, robustness.settings).rounds == 1
