"""Sampled Shapley values: nothing is asked twice, intervals hold what they should, several rows are as one by one."""

from itertools import permutations

import numpy as np
import pytest

from secmlops.core.task import Task
from secmlops.explain.explanation import Scale
from secmlops.explain.sampling import Walks
from secmlops.runtime.signature import Feature, FeatureKind, Inputs, Signature

NUMBERS = 4
SIGNATURE = Signature(
    task=Task.REGRESSION,
    features=(
        *(Feature(name=f"x{i}", kind=FeatureKind.NUMERIC) for i in range(NUMBERS)),
        Feature(name="kind", kind=FeatureKind.CATEGORICAL, categories=("a", "b")),
    ),
)


class Product:
    """x0 * x1 * x2 + x3, twice that for the kind b; it counts the rows that it was asked about."""

    def __init__(self) -> None:
        self.asked = 0

    def predict(self, inputs: Inputs) -> np.ndarray:
        self.asked += len(inputs)
        x = inputs.numeric.astype(np.float64)
        return ((x[:, :3].prod(axis=1) + np.nan_to_num(x[:, 3])) * np.where(inputs.categorical[:, 0] == "b", 2, 1))[
            :, None
        ]


def drawn(rng: np.random.Generator, rows: int) -> Inputs:
    numbers = rng.normal(1, 1, (rows, NUMBERS)).astype(np.float32)
    return Inputs(numbers, rng.choice(np.array(["a", "b"], object), (rows, 1)))


def exact(row: Inputs, background: Inputs) -> np.ndarray:
    """Shapley values by their definition: the mean step over all orders and background rows."""
    total = np.zeros(NUMBERS + 1)
    orders = list(permutations(range(NUMBERS + 1)))
    for order in orders:
        numeric, categorical = background.numeric.copy(), background.categorical.copy()
        before = Product().predict(Inputs(numeric, categorical)).mean()
        for feature in order:
            if feature < NUMBERS:
                numeric[:, feature] = row.numeric[0, feature]
            else:
                categorical[:, 0] = row.categorical[0, 0]
            after = Product().predict(Inputs(numeric, categorical)).mean()
            total[feature] += after - before
            before = after
    return total / len(orders)


@pytest.mark.parametrize("walks", [1, 2])  # walked, and chosen and weighed
def test_nineteen_of_twenty_intervals_hold_the_value_of_the_population(walks: int) -> None:
    rng = np.random.default_rng(3)
    row = drawn(rng, 1)
    truth = exact(row, drawn(rng, 4_000))
    held, tried = 0, 60
    for seed in range(tried):
        games = Walks.through(drawn(rng, 50), SIGNATURE, seed, walks)
        _, found, error = games.contributions(row, np.zeros(1, np.intp), Product(), Scale.PREDICTION)
        held += int((np.abs(found[0] - truth) <= 2.01 * error[0]).sum())
    assert 0.9 <= held / (tried * (NUMBERS + 1)) <= 0.98


def test_what_is_the_same_in_both_rows_costs_no_question() -> None:
    rng = np.random.default_rng(4)
    background = drawn(rng, 20)
    background.numeric[:, 3] = np.nan
    row = drawn(rng, 1)
    row.numeric[0, 3] = np.nan
    model, walks = Product(), Walks.through(background, SIGNATURE, 0)
    _, found, error = walks.contributions(row, np.zeros(1, np.intp), model, Scale.PREDICTION)
    differing = 3 + (background.categorical[:, 0] != row.categorical[0, 0])
    assert model.asked == 20 + 1 + 2 * int((differing - 1).sum()) < 20 + 1 + walks.evaluations
    assert found[0, 3] == error[0, 3] == 0


def test_the_background_row_itself_moves_nothing() -> None:
    row = drawn(np.random.default_rng(5), 1)
    walks = Walks.through(row, SIGNATURE, 0)
    base, found, error = walks.contributions(row, np.zeros(1, np.intp), Product(), Scale.PREDICTION)
    assert base[0] == Product().predict(row)[0, 0]
    assert not found.any()
    assert not error.any()


def test_many_rows_are_explained_as_one_by_one() -> None:
    rng = np.random.default_rng(6)
    walks, rows = Walks.through(drawn(rng, 50), SIGNATURE, 0), drawn(rng, 45)
    columns = np.zeros(45, np.intp)
    together = walks.contributions(rows, columns, Product(), Scale.PREDICTION)
    for place in range(45):
        alone = walks.contributions(rows.take(slice(place, place + 1)), columns[:1], Product(), Scale.PREDICTION)
        for several, one in zip(together, alone, strict=True):
            np.testing.assert_array_equal(several[place], one[0])


def test_where_all_coalitions_are_asked_about_the_values_are_exact() -> None:
    rng = np.random.default_rng(7)
    background, row = drawn(rng, 20), drawn(rng, 1)
    walks = Walks.through(background, SIGNATURE, 0, walks=4)  # 16 pairs: more than five features have
    _, found, _ = walks.contributions(row, np.zeros(1, np.intp), Product(), Scale.PREDICTION)
    np.testing.assert_allclose(found[0], exact(row, background), atol=1e-6)
    assert walks.evaluations == 20 * 30
