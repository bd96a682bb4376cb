import numpy as np
import pytest

from kits.poison_world import examples
from secmlops.attack.poisoning.poisoned import Poisoned, budget, classes_of, drawn, marked
from secmlops.core.errors import InputError
from secmlops.runtime.examples import Examples

GIVEN = examples(100)


def test_the_marks_fit_the_examples() -> None:
    with pytest.raises(InputError, match="100 examples, and 3 marks"):
        Poisoned(GIVEN, np.zeros(3, bool))


def test_a_quantity_is_refused() -> None:
    with pytest.raises(InputError, match="not on quantities"):
        classes_of(Examples(GIVEN.inputs, np.linspace(0, 1, 100)))


@pytest.mark.parametrize(("share", "rows"), [(0.001, 1), (0.03, 3), (1.0, 100)])
def test_a_share_is_at_least_one_row(share: float, rows: int) -> None:
    assert budget(GIVEN, share) == rows


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1])
def test_a_share_outside_of_the_table_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="a share of"):
        budget(GIVEN, share)


def test_rows_are_drawn_without_repeats_from_the_marked_ones() -> None:
    mask = marked(np.array([3, 5, 8]), 100)
    assert sorted(drawn(mask, 3, np.random.default_rng(0)).tolist()) == [3, 5, 8]
    with pytest.raises(InputError, match="needs 4 rows"):
        drawn(mask, 4, np.random.default_rng(0))
