"""Ranges of what the built-in controls measure."""

import pytest

from secmlops.core.condition import Condition
from secmlops.core.task import Task
from secmlops.lifecycle.measures import AMOUNT, NUMBER, SCORE, SHARE, Range, is_possible, measured


@pytest.mark.parametrize(
    ("condition", "span", "possible"),
    [
        (">= 1", SHARE, True),
        ("> 1", SHARE, False),
        (">= 1.5", SHARE, False),
        ("<= 0", SHARE, True),
        ("< 0", SHARE, False),
        ("== 1.5", SHARE, False),
        ("== 0.5", SHARE, True),
        (">= 1e9", AMOUNT, True),
        ("< 0", AMOUNT, False),
        ("<= -5", SCORE, True),
        (">= 1.01", SCORE, False),
        ("== -3", NUMBER, True),
    ],
)
def test_a_condition_is_possible_when_some_value_of_the_range_meets_it(
    condition: str, span: Range, possible: bool
) -> None:
    assert is_possible(Condition.parse(condition), span) is possible


def test_measures_are_those_of_the_task() -> None:
    assert "auc" in measured("assurance.performance", Task.BINARY)
    assert "auc_low" in measured("assurance.performance", Task.MULTICLASS)
    assert "auc" not in measured("assurance.performance", Task.REGRESSION)
    assert measured("assurance.performance", Task.REGRESSION)["baseline_r2"] == SCORE
    assert measured("assurance.watch", Task.BINARY)["copy_at_alarm"] == SHARE
    assert measured("assurance.watch", Task.REGRESSION)["copy_at_alarm"] == SCORE
    assert measured("data.somebody_elses", Task.BINARY) == {}
