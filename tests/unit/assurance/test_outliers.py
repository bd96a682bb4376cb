import numpy as np
import pytest

from secmlops.assurance.outliers import strange_rows
from secmlops.runtime.signature import Inputs


def honest(rows: int = 200, numbers: int = 3, texts: int = 2) -> Inputs:
    rng = np.random.default_rng(0)
    base = rng.normal(size=(rows, 1))
    numeric = (base + 0.1 * rng.normal(size=(rows, numbers))).astype(np.float32)
    categorical = np.array([[f"{place}{rng.integers(3)}" for place in range(texts)] for _ in range(rows)], object)
    return Inputs(numeric, categorical.reshape(rows, texts))


def strange(inputs: Inputs) -> dict[str, Inputs]:
    return strange_rows(inputs, np.random.default_rng(1))


def test_far_values_lie_outside_every_range() -> None:
    inputs = honest()
    far = strange(inputs)["far_values"].numeric
    low, high = inputs.numeric.min(axis=0), inputs.numeric.max(axis=0)
    assert ((far < low) | (far > high)).all()
    assert ((far > low - 1.01 * (high - low)) & (far < high + 1.01 * (high - low))).all()


def test_one_number_of_each_row_is_out_of_range() -> None:
    inputs = honest()
    pushed = strange(inputs)["out_of_range"].numeric
    assert ((pushed != inputs.numeric).sum(axis=1) == 1).all()
    assert ((pushed != inputs.numeric).sum(axis=0) > 0).all()


def test_shuffled_columns_keep_their_values_and_lose_their_dependence() -> None:
    inputs = honest()
    broken = strange(inputs)["broken_dependence"]
    assert (np.sort(broken.numeric, axis=0) == np.sort(inputs.numeric, axis=0)).all()
    assert sorted(broken.categorical[:, 0]) == sorted(inputs.categorical[:, 0])
    assert np.corrcoef(inputs.numeric.T)[0, 1] > 0.9
    assert abs(np.corrcoef(broken.numeric.T)[0, 1]) < 0.3


def test_texts_stand_in_the_wrong_column_or_are_misspelt() -> None:
    mixed = strange(honest())["mixed_categories"].categorical
    assert {text[0] for text in mixed[:, 0]} == {"1"}
    misspelt = strange(honest(texts=1))["mixed_categories"].categorical
    assert not set(misspelt[:, 0]) & set(honest(texts=1).categorical[:, 0])


@pytest.mark.parametrize(
    ("numbers", "texts", "kinds"),
    [
        (1, 0, {"far_values", "out_of_range"}),
        (0, 1, {"mixed_categories"}),
        (0, 2, {"mixed_categories", "broken_dependence"}),
        (2, 0, {"far_values", "out_of_range", "broken_dependence"}),
    ],
)
def test_kinds_that_the_columns_do_not_allow_are_left_out(numbers: int, texts: int, kinds: set[str]) -> None:
    inputs = honest(20, numbers, texts)
    made = strange(inputs)
    assert set(made) == kinds
    assert all(len(rows) == len(inputs) for rows in made.values())


def test_missing_constant_and_huge_columns_are_pushed_out_too() -> None:
    inputs = honest()
    inputs.numeric[:, 0] = np.nan
    inputs.numeric[:, 1] = 7
    inputs.numeric[:, 2] = np.where(inputs.numeric[:, 2] > 0, 3e38, -3e38)
    far = strange(inputs)["far_values"].numeric
    assert np.isfinite(far).all()
    assert (far[:, 1] != 7).all()


def test_the_honest_rows_are_left_as_they_are() -> None:
    inputs = honest()
    strange(inputs)
    assert (inputs.numeric == honest().numeric).all()
    assert (inputs.categorical == honest().categorical).all()
