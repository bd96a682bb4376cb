"""The planner picks what is cheaper among what is honest, and says why the rest is shut."""

from dataclasses import replace

import pytest

from secmlops.core.errors import InputError
from secmlops.training.unlearning.planner import Trained, Way, cheapest, plan

LINEAR = Trained(model="linear_regression", rows=30_000, inputs=23, seconds=0.7)
LOGISTIC = replace(LINEAR, model="logistic_regression")
FOREST = replace(LINEAR, model="random_forest", sample_share=0.1)


@pytest.mark.parametrize(
    ("trained", "rows", "way"),
    [
        (LINEAR, 1, Way.STATISTICS),
        (LOGISTIC, 1, Way.NEWTON),
        (replace(LOGISTIC, inputs=2_000), 1, Way.RETRAINING),
        (replace(LOGISTIC, seconds=0.005), 1, Way.RETRAINING),
        (FOREST, 1, Way.TREES),
        (FOREST, 50, Way.RETRAINING),
        (replace(LINEAR, model="gradient_boosting"), 1, Way.RETRAINING),
    ],
)
def test_the_cheapest_open_way_is_taken(trained: Trained, rows: int, way: Way) -> None:
    estimates = plan(trained, rows)
    assert cheapest(estimates).way is way
    assert cheapest(estimates) == min((e for e in estimates if not e.obstacle), key=lambda e: e.seconds)


@pytest.mark.parametrize(
    ("trained", "why"),
    [
        (replace(LOGISTIC, model=None), "one's own"),
        (replace(LOGISTIC, same_division=False), "divided anew"),
        (replace(LOGISTIC, fixed_design=False), "scales"),
        (replace(LOGISTIC, classes=3), "two classes"),
        (replace(LOGISTIC, penalised_intercept=False), "intercept"),
        (replace(FOREST, sample_share=None), "by place"),
    ],
)
def test_a_way_that_would_not_be_honest_is_shut_and_says_why(trained: Trained, why: str) -> None:
    estimates = plan(trained, 1)
    assert cheapest(estimates).way is Way.RETRAINING
    assert any(why in one.obstacle for one in estimates)


def test_more_rows_than_were_learnt_cannot_be_forgotten() -> None:
    for rows in (0, 30_001):
        with pytest.raises(InputError, match="cannot be forgotten"):
            plan(LINEAR, rows)
