"""Thieves get as good a copy as their queries buy."""

import numpy as np
import pytest

from secmlops.attack.agreement import Agreement
from secmlops.attack.extraction import Attempt, Exam, Extraction, best, extract
from secmlops.attack.imitation import Space
from secmlops.attack.thieves import SEEDS, THIEVES, natural, random_rows
from secmlops.core.errors import InputError
from secmlops.runtime.hardening import Hardening
from secmlops.runtime.signature import Inputs

GENERATOR = np.random.default_rng(0)
ROWS = Inputs(
    GENERATOR.normal(size=(500, 8)).astype(np.float32),
    np.array(["red", "green"], object)[GENERATOR.integers(2, size=(500, 1))],
)
SPACE = Space.of(ROWS)
WEIGHTS = np.array([2.0, -1, 1, 0, 0.5, -2, 1, 0.2])
SEED_ROWS, TESTED = ROWS.take(slice(0, SEEDS)), ROWS.take(slice(250, 500))


def linear(rows):
    yes = 1 / (1 + np.exp(-(rows.numeric @ WEIGHTS + (rows.categorical[:, 0] == "red") - 1)))
    return np.stack([1 - yes, yes], axis=1)


def label(rows):
    return Hardening(label_only=True).apply(linear(rows), lambda _: np.zeros(0))


def stolen(oracle, thief, budgets, model=linear):
    attempt = Attempt(thief, lambda answers: answers)
    (result,) = extract(oracle, [attempt], Exam(SPACE, TESTED, model(TESTED)), budgets, 2)
    return result


@pytest.mark.parametrize("name", ["random", "active"])
def test_a_linear_model_is_copied_with_few_queries(name):
    thief = THIEVES[name](SPACE, SEED_ROWS, np.random.default_rng(1))
    result = stolen(linear, thief, [20, 50, 100])
    assert result.queries == (20, 50, 100)
    assert result.queries_until(0.95) in (20, 50)
    assert result.agreement[-1].share > 0.97


def test_labels_cost_more_queries_than_probabilities():
    probabilities, labels = (
        stolen(oracle, random_rows(SPACE, SEED_ROWS, np.random.default_rng(1)), [30, 60, 400])
        for oracle in (linear, label)
    )
    assert probabilities.agreement[0].share > labels.agreement[0].share + 0.05
    assert labels.agreement[-1].share > 0.9


def test_a_bent_model_is_copied_better_by_natural_rows_than_by_few():
    def bent(rows):
        yes = (np.abs(rows.numeric[:, 0]) + np.abs(rows.numeric[:, 1]) > 1.4).astype(float)
        return np.stack([1 - yes, yes], axis=1)

    result = stolen(bent, natural(ROWS.take(slice(0, 250)), np.random.default_rng(1)), [20, 250], bent)
    assert result.agreement[1].share > max(0.8, result.agreement[0].share + 0.1)


def test_a_quantity_is_copied_by_r_squared():
    def quantity(rows):
        return 100 + 7 * (rows.numeric @ WEIGHTS)[:, None]

    result = stolen(quantity, random_rows(SPACE, SEED_ROWS, np.random.default_rng(1)), [60], quantity)
    assert result.agreement[0].share > 0.95


def test_a_thief_without_rows_stops():
    asked = []

    def counting(rows):
        asked.append(len(rows))
        return linear(rows)

    result = stolen(counting, natural(ROWS.take(slice(0, 50)), np.random.default_rng(1)), [30, 100, 200])
    assert sum(asked) == 50
    assert result.queries == (30, 50)


def test_no_query_is_put_beyond_the_budget():
    asked = []

    def counting(rows):
        asked.append(len(rows))
        return linear(rows)

    stolen(counting, random_rows(SPACE, SEED_ROWS, np.random.default_rng(1)), [33])
    assert sum(asked) == 33


def sure(*shares):
    return tuple(Agreement(share, share - 0.1, share) for share in shares)


def test_queries_until_a_share_that_is_kept():
    result = Extraction((10, 100, 1000), sure(0.5, 0.91, 0.94))
    assert [result.queries_until(share) for share in (0.4, 0.9, 0.95)] == [10, 100, None]
    assert Extraction((10, 100, 1000), sure(0.9, 0.8, 0.92)).queries_until(0.9) == 1000


def test_the_best_thief_counts_at_each_number_of_queries():
    short, long = Extraction((10,), sure(0.7)), Extraction((10, 100), sure(0.6, 0.8))
    assert best([short, long], [10, 100]) == Extraction((10, 100), sure(0.7, 0.8))


def test_thieves_side_by_side_get_what_each_gets_alone_in_fewer_calls():
    calls = []

    def counting(rows):
        calls.append(len(rows))
        return linear(rows)

    def attempt(name):
        return Attempt(THIEVES[name](SPACE, SEED_ROWS, np.random.default_rng(1)), lambda answers: answers.round(1))

    exam = Exam(SPACE, TESTED, linear(TESTED))
    together = extract(counting, [attempt(name) for name in THIEVES], exam, [30, 90], 2)
    assert sum(calls) == 90 * len(THIEVES)
    assert len(calls) == 9  # rounds of the slowest, which asks 10 rows at a time
    assert together == [extract(linear, [attempt(name)], exam, [30, 90], 2)[0] for name in THIEVES]


@pytest.mark.parametrize("budgets", [[], [0], [5, 5], [9, 3]])
def test_budgets_rise(budgets):
    with pytest.raises(InputError, match="rising"):
        stolen(linear, random_rows(SPACE, SEED_ROWS, np.random.default_rng(1)), budgets)
