"""Counterfactuals of models whose boundary is known."""

from collections.abc import Callable

import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.explain.counterfactual import Change, Search, wish_for_amount, wish_for_class
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

FEATURES = (
    Feature(name="income", kind=FeatureKind.NUMERIC, minimum=0.0, maximum=10.0),
    Feature(name="late", kind=FeatureKind.NUMERIC, minimum=0.0, maximum=6.0, integer=True),
    Feature(name="home", kind=FeatureKind.CATEGORICAL, categories=("own", "rent")),
)
SIGNATURE = Signature(task=Task.BINARY, features=FEATURES, classes=("refused", "granted"))


class Answers:
    """A model by the odds of the event."""

    def __init__(self, odds: Callable[[Inputs], np.ndarray]) -> None:
        self._odds = odds
        self.rows = 0

    def predict(self, inputs: Inputs) -> np.ndarray:
        self.rows += len(inputs)
        event = 1 / (1 + np.exp(-self._odds(inputs)))
        return np.stack([1 - event, event], axis=1)


def a_row(income: float = 2.0, late: float = 3.0, home: str = "rent") -> Inputs:
    return Inputs(np.array([[income, late]], np.float32), np.array([[home]], object))


def linear(inputs: Inputs) -> np.ndarray:
    """Granted where income > 5 + late, which owners need not be late for."""
    return inputs.numeric[:, 0] - 5 - inputs.numeric[:, 1] + 0.5 * (inputs.categorical[:, 0] == "own")


def test_the_smallest_change_of_one_number_is_found() -> None:
    found = Search(Answers(linear), SIGNATURE).find(a_row(), wish_for_class(1))
    before, after = found[0].changes["income"]
    assert before == 2.0
    assert 8.0 <= after < 8.01  # the boundary lies at 8
    assert found[0].answer[1] >= 0.5
    assert list(found[0].changes) == ["income"]
    assert len({tuple(one.changes) for one in found}) == len(found)


def test_what_may_not_change_does_not() -> None:
    allowed = {"income": Change.FIXED, "late": Change.DOWN}
    found = Search(Answers(linear), SIGNATURE, allowed).find(a_row(income=4.8, late=3), wish_for_class(1))
    assert all("income" not in one.changes for one in found)
    assert found[0].changes == {"late": (3.0, 0.0), "home": ("rent", "own")}


@pytest.mark.parametrize(("rule", "reached"), [(Change.UP, True), (Change.DOWN, False)])
def test_directions_are_kept_to(rule: Change, reached: bool) -> None:
    fixed = dict.fromkeys(("late", "home"), Change.FIXED)
    found = Search(Answers(linear), SIGNATURE, fixed | {"income": rule}).find(a_row(), wish_for_class(1))
    assert bool(found) is reached


def test_whole_numbers_stay_whole() -> None:
    fixed = dict.fromkeys(("income", "home"), Change.FIXED)
    (found,) = Search(Answers(linear), SIGNATURE, fixed).find(a_row(income=6.6), wish_for_class(1))
    assert found.changes == {"late": (3.0, 1.0)}


def test_another_category_may_do() -> None:
    model = Answers(lambda inputs: np.where(inputs.categorical[:, 0] == "own", 1.0, -1.0))
    (found,) = Search(model, SIGNATURE).find(a_row(), wish_for_class(1))
    assert (found.changes, found.cost) == ({"home": ("rent", "own")}, 1.25)


def test_where_nothing_helps_nothing_is_told_and_the_search_ends() -> None:
    model = Answers(lambda inputs: np.full(len(inputs), -3.0))
    assert Search(model, SIGNATURE).find(a_row(), wish_for_class(1)) == ()
    assert model.rows < 5_000


def test_a_missing_number_can_be_filled() -> None:
    model = Answers(lambda inputs: np.where(np.isnan(inputs.numeric[:, 0]), -1.0, 1.0))
    (found,) = Search(model, SIGNATURE).find(a_row(income=np.nan), wish_for_class(1))
    assert list(found.changes) == ["income"]


def test_quantities_are_wished_above_or_below() -> None:
    class Sum:
        def predict(self, inputs: Inputs) -> np.ndarray:
            return inputs.numeric.sum(axis=1, dtype=np.float64)[:, None]

    signature = Signature(task=Task.REGRESSION, features=FEATURES)
    search = Search(Sum(), signature)
    assert search.find(a_row(), wish_for_amount(9.0, above=True))[0].answer[0] > 9
    assert search.find(a_row(), wish_for_amount(3.0, above=False))[0].answer[0] < 3


def test_bad_questions_are_refused() -> None:
    search = Search(Answers(linear), SIGNATURE)
    with pytest.raises(InputError, match="decides so already"):
        search.find(a_row(), wish_for_class(0))
    with pytest.raises(InputError, match="one row"):
        search.find(a_row().take(np.zeros(2, np.intp)), wish_for_class(1))
    with pytest.raises(InputError, match="no feature"):
        Search(Answers(linear), SIGNATURE, {"nothing": Change.UP})
