"""What columns learn is rounded: near enough for the model, and steady when a few rows leave."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from secmlops.training.columns import column_transformer, digest_of_columns, steady_columns
from secmlops.training.transport import to_table


def numbers(values: np.ndarray) -> pa.Table:
    return pa.table({"x": values.astype(np.float32)})


@pytest.mark.parametrize("scaled", [False, True])
def test_a_row_more_or_less_seldom_moves_anything(scaled: bool) -> None:
    values = np.random.default_rng(3).normal(0, 1, 3_000)  # centred where the sign of a zero could flip
    whole = digest_of_columns(steady_columns(numbers(values), scaled=scaled))
    moved = [
        digest_of_columns(steady_columns(numbers(np.delete(values, row)), scaled=scaled)) != whole for row in range(60)
    ]
    assert not any(moved)


def test_what_is_rounded_stays_near_what_it_was() -> None:
    values = np.random.default_rng(4).lognormal(8, 0.6, 2_000)
    steady = steady_columns(numbers(values), scaled=True).named_transformers_["numeric"]
    plain = column_transformer(numbers(values), scaled=True).fit(numbers(values)).named_transformers_["numeric"]
    deviation = values.std()
    assert abs(steady["impute"].statistics_[0] - plain["impute"].statistics_[0]) <= deviation / 5
    assert abs(steady["scale"].mean_[0] - plain["scale"].mean_[0]) <= deviation / 5
    assert 0.7 <= steady["scale"].scale_[0] / plain["scale"].scale_[0] <= 1.5
    assert np.log2(steady["scale"].scale_[0]) % 1 == 0


def test_another_category_or_another_median_is_another_digest(problem: Callable) -> None:
    examples, signature = problem()
    table = to_table(examples.inputs, signature)
    here = digest_of_columns(steady_columns(table, scaled=True))
    assert digest_of_columns(steady_columns(table, scaled=True)) == here
    examples.inputs.categorical[3, 0] = "castle"
    assert digest_of_columns(steady_columns(to_table(examples.inputs, signature), scaled=True)) != here
    assert digest_of_columns(steady_columns(numbers(np.ones(9)))) != digest_of_columns(
        steady_columns(numbers(np.full(9, 2.0)))
    )
