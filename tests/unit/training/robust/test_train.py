"""Robust training as one fit: what is chosen, kept and told."""

from itertools import product

import numpy as np

from secmlops.attack.evasion.adversary import Adversary
from secmlops.core.task import Task
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature
from secmlops.training.models import logistic_regression
from secmlops.training.robust.robustness import Robustness
from secmlops.training.robust.settings import RobustSettings
from secmlops.training.robust.train import harden
from secmlops.training.transport import to_table

NAMES = ("strong", "weak 0", "weak 1", "weak 2")
SIGNATURE = Signature(
    task=Task.BINARY,
    features=tuple(Feature(name=name, kind=FeatureKind.NUMERIC) for name in NAMES),
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
