"""The threat model of a table."""

import dataclasses

import numpy as np
import pytest

from secmlops.attack.evasion.hunt import Effort, Hunt, Targets
from secmlops.attack.evasion.moves import KEPT, Moves
from secmlops.attack.evasion.perturbations import Norm, Perturbations
from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs

ROWS = Inputs(
    np.array([[0, np.nan], [2, 5], [4, 5]], np.float32), np.array([["a", "x"], ["b", "x"], ["a", "y"]], object)
)


def test_what_rows_show_is_what_may_be_done():
    allowed = Perturbations.of(ROWS)
    assert allowed.low.tolist() == [0, 5]
    assert allowed.high.tolist() == [4, 5]
    np.testing.assert_allclose(allowed.unit, [np.std([0, 2, 4]), 0])
    assert [list(known) for known in allowed.choices] == [["a", "b"], ["x", "y"]]


def test_costs_add_up_by_the_norm():
    moves = Moves(np.array([[3.0, 0.0], [0.0, 0.0]]), np.array([[1, KEPT], [0, 1]]))
    allowed = dataclasses.replace(Perturbations.of(ROWS), price=np.array([4.0, 3.0]))
    np.testing.assert_allclose(allowed.cost(moves), [5, 5])
    np.testing.assert_allclose(dataclasses.replace(allowed, norm=Norm.LINF).cost(moves), [4, 4])


def test_a_row_becomes_like_another_as_far_as_that_is_allowed():
    def odd(inputs: Inputs) -> np.ndarray:
        return np.tile([1.0, 0.0], (len(inputs), 1))

    allowed = dataclasses.replace(Perturbations.of(ROWS), price=np.array([1.0, np.inf]))
    hunt = Hunt(Targets(ROWS, np.zeros(3, np.int64)), odd, allowed, Effort(10))
    changed = hunt.changed(np.array([0]), hunt.towards(np.array([0]), ROWS.take(np.array([1]))))
    assert changed.numeric[0, 0] == pytest.approx(2)
    assert np.isnan(changed.numeric[0, 1])
    assert changed.categorical.tolist() == [["b", "x"]]
    own = hunt.towards(np.array([1]), ROWS.take(np.array([1])))
    assert (own.codes == KEPT).all(), "a category that is there already costs nothing"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"unit": np.array([1.0])}, "different numbers of columns"),
        ({"unit": np.array([1.0, np.inf])}, "number of 0 or more"),
        ({"price": np.array([-1.0, 1.0])}, "number of 0 or more"),
        ({"low": np.array([9.0, 9.0])}, "lower bound above"),
        ({"choices": ()}, "different numbers of columns"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes: dict, what: str):
    with pytest.raises(InputError, match=what):
        dataclasses.replace(Perturbations.of(ROWS), **changes)


def test_rows_of_other_columns_are_refused():
    allowed = Perturbations.of(ROWS)
    rows = Inputs(np.zeros((2, 3), np.float32), np.empty((2, 0), object))
    with pytest.raises(InputError, match="other columns"):
        Hunt(Targets(rows, np.zeros(2, np.int64)), lambda _: np.empty((0, 2)), allowed, Effort(1))
