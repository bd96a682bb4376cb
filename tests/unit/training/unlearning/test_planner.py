"""The planner picks what is cheaper among what is honest, and says why the rest is shut."""

from dataclasses import replace

import pytest

from secmlops.core.errors import InputError
from secmlops.training.unlearning.planner import GUARANTEES, Trained, Way, cheapest, plan

LOGISTIC = Trained(model="logistic_regression", rows=30_000, inputs=23, seconds=4.7, fit_seconds=0.7)
FOREST = replace(LOGISTIC, model="random_forest", share=0.1)


@pytest.mark.parametrize(
    ("trained", "rows", "way"),
    [
        (LOGISTIC, 1, Way.NEWTON),
        (replace(LOGISTIC, inputs=2_000), 1, Way.RETRAINING),
        (replace(LOGISTIC, fit_seconds=0.005), 1, Way.RETRAINING),
        (FOREST, 1, Way.TREES),
        (replace(LOGISTIC, model="gradient_boosting"), 1, Way.RETRAINING),
        (replace(LOGISTIC, model=None), 1, Way.RETRAINING),
    ],
)
def test_the_cheapest_open_way_is_taken(trained: Trained, rows: int, way: Way) -> None:
    estimates = plan(trained, rows)
    assert cheapest(estimates).way is way
    assert cheapest(estimates) == min((e for e in estimates if not e.obstacle), key=lambda e: e.seconds)


def test_the_more_rows_the_dearer_the_trees_and_never_dearer_than_training_again() -> None:
    def seconds(rows: int) -> float:
        return next(one.seconds for one in plan(FOREST, rows) if one.way is Way.TREES)

    assert seconds(0) == 4.0 < seconds(1) < seconds(5) < seconds(5_000) <= 4.7


@pytest.mark.parametrize(
    ("trained", "why"),
    [
        (replace(LOGISTIC, model=None), "one's own"),
        (replace(LOGISTIC, classes=3), "two classes"),
        (replace(FOREST, obstacle="nothing left"), "nothing left"),
    ],
)
def test_a_way_that_would_not_be_honest_is_shut_and_says_why(trained: Trained, why: str) -> None:
    estimates = plan(trained, 1)
    assert cheapest(estimates).way is Way.RETRAINING
    assert any(why in one.obstacle for one in estimates)


def test_each_way_tells_its_guarantee() -> None:
    assert set(GUARANTEES) == set(Way)
    assert str(plan(LOGISTIC, 1)[0]).startswith("a Newton step: bounded, about 4.05 s, open")


def test_a_number_of_rows_below_none_is_refused() -> None:
    with pytest.raises(InputError, match="cannot have changed"):
        plan(LOGISTIC, -1)
