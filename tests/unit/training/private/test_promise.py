"""What is told of a private fit is what the accountant says, and names what is not promised."""

from collections.abc import Callable

import pytest

from secmlops.core.finding import Severity
from secmlops.training.private.promise import Promise
from secmlops.training.private.settings import PrivateTraining


def test_the_measures_are_those_of_the_settings(problem: Callable) -> None:
    promise = Promise.of(PrivateTraining(epsilon=3.0, delta=1e-5, steps=50), problem()[1], "logistic_regression")
    told = promise.measures()
    assert told["private.epsilon"] == pytest.approx(3.0, rel=1e-6)
    assert told["private.epsilon"] <= 3.0
    assert (told["private.delta"], told["private.steps"], told["private.rows_per_person"]) == (1e-5, 50, 1)
    assert 0 < told["private.spent_on_preprocessing"] < 1.5
    assert told["private.noise_multiplier"] == promise.plan.noise_multiplier


def test_it_says_what_is_promised_and_what_is_not(problem: Callable) -> None:
    settings = PrivateTraining(epsilon=1.0, delta=1e-2, rows_per_person=3)
    promised, scope, delta = Promise.of(settings, problem()[1], "logistic_regression").findings(240)
    assert "person of at most 3 rows" in promised.message
    assert "operating system" in promised.message
    assert "not about ranges and categories" in scope.message
    assert (delta.rule, delta.severity) == ("private-delta", Severity.WARNING)
    assert "one row" in Promise.of(PrivateTraining(epsilon=1.0, delta=1e-5), *_of(problem)).findings(240)[0].message


def _of(problem: Callable) -> tuple:
    return problem()[1], "logistic_regression"
