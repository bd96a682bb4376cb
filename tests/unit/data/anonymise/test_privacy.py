import numpy as np
import pytest

from secmlops.core.errors import InputError
from secmlops.data.anonymise.privacy import (
    Closeness,
    DistinctDiversity,
    EntropyDiversity,
    Ground,
    Model,
    Presence,
    RecursiveDiversity,
)

WHOLE = np.array([50, 30, 20])


def holds(model: Model, *counts: int) -> bool:
    return bool(model.holds(np.array([counts]), WHOLE)[0])


def test_distinct_diversity_counts_values() -> None:
    assert holds(DistinctDiversity(2), 9, 1, 0)
    assert not holds(DistinctDiversity(2), 10, 0, 0)


def test_entropy_diversity_of_equal_shares_is_their_number() -> None:
    assert holds(EntropyDiversity(3), 4, 4, 4)
    assert not holds(EntropyDiversity(3), 5, 4, 3)
    assert holds(EntropyDiversity(1.3), 9, 1, 0)
    assert not holds(EntropyDiversity(1.4), 9, 1, 0)


def test_recursive_diversity_compares_the_commonest_with_the_tail() -> None:
    assert holds(RecursiveDiversity(3, 2), 2, 5, 0)
    assert not holds(RecursiveDiversity(2.5, 2), 2, 5, 0)
    assert not holds(RecursiveDiversity(3, 3), 2, 5, 0)
    assert not holds(RecursiveDiversity(3, 4), 3, 3, 3)


def test_closeness_bounds_the_distance() -> None:
    assert holds(Closeness(0.2), 7, 3, 0)
    assert not holds(Closeness(0.19), 7, 3, 0)
    assert holds(Closeness(0.2, Ground.ORDERED), 7, 3, 0)


def test_presence_bounds_the_share_and_counts_the_rows_that_are_there() -> None:
    assert Presence(0.2, 0.6, 3).holds(np.array([[4, 3], [1, 3], [9, 2], [2, 2]]), WHOLE).tolist() == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "model",
    [
        DistinctDiversity(2),
        EntropyDiversity(1.7),
        RecursiveDiversity(2, 2),
        Closeness(0.3),
        Closeness(0.2, Ground.ORDERED),
    ],
)
def test_two_classes_that_satisfy_a_model_satisfy_it_together(model: Model) -> None:
    counts = np.random.default_rng(5).integers(0, 8, (400, 3)) + np.array([1, 0, 0])
    good = counts[model.holds(counts, WHOLE)]
    assert 20 < len(good) < 400
    assert model.holds(good[:-1] + good[1:], WHOLE).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda: DistinctDiversity(1),
        lambda: EntropyDiversity(1.0),
        lambda: RecursiveDiversity(0, 2),
        lambda: RecursiveDiversity(2, 1),
        lambda: Closeness(0),
        lambda: Closeness(1.5),
        lambda: Presence(0.5, 0.5, 2),
        lambda: Presence(-0.1, 0.5, 2),
    ],
)
def test_settings_that_mean_nothing_are_refused(make: object) -> None:
    with pytest.raises(InputError, match="cannot be asked for"):
        make()  # type: ignore[operator]
