"""Agreement of a copy, and how sure its number of rows makes it."""

import numpy as np
import pytest

from secmlops.attack.agreement import Agreement, agreement


def called(*classes: int) -> np.ndarray:
    return np.eye(2)[list(classes)]


def test_the_classes_count_alike() -> None:
    truth = called(*[0] * 90, *[1] * 10)
    assert agreement(truth, called(*[0] * 100)) == 0.5


def test_a_perfect_copy_is_not_known_to_be_perfect() -> None:
    found = Agreement.of(called(*[0, 1] * 25), called(*[0, 1] * 25))
    assert found.share == found.high == 1
    assert 0.85 < found.low < 0.97
    assert Agreement.of(called(*[0, 1] * 500), called(*[0, 1] * 500)).low > found.low


@pytest.mark.parametrize("quantity", [False, True])
def test_the_interval_covers_the_truth_about_as_often_as_it_says(quantity: bool) -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        if quantity:
            truth = rng.normal(size=(200, 1))
            found, right = Agreement.of(truth, truth + 0.5 * rng.normal(size=truth.shape)), 0.75
        else:
            truth = called(*[0] * 150, *[1] * 50)
            same = rng.random(200) < np.repeat([0.95, 0.75], [150, 50])
            found, right = Agreement.of(truth, np.where(same[:, None], truth, 1 - truth)), 0.85
        held += found.low <= right <= found.high
    assert 0.9 <= held / 200 <= 1


def test_a_constant_quantity_is_copied_exactly_or_not_at_all() -> None:
    assert Agreement.of(np.ones((20, 1)), np.ones((20, 1))) == Agreement(1.0, 1.0, 1.0)
