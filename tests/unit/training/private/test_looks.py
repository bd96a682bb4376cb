"""What is found in the rows beforehand is right where the noise allows it, and hides what one row alone shows."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from secmlops.core.task import Task
from secmlops.runtime.signature import Feature, FeatureKind, Signature
from secmlops.training.private.looks import look
from secmlops.training.private.noise import Noise
from secmlops.training.private.plan import Plan

pytestmark = pytest.mark.usefixtures("foreseen")

SIGNATURE = Signature(
    task=Task.REGRESSION,
    features=(
        Feature(name="year", kind=FeatureKind.NUMERIC),
        Feature(name="share", kind=FeatureKind.NUMERIC),
        Feature(name="housing", kind=FeatureKind.CATEGORICAL),
    ),
)


def table(rows: int, housing: list[str]) -> tuple[pa.Table, np.ndarray]:
    draw = np.random.default_rng(0)
    columns = {
        "year": pa.array(draw.integers(1990, 2020, rows), pa.float32()),
        "share": pa.array(np.where(draw.random(rows) < 0.1, np.nan, draw.random(rows)), pa.float32()),
        "housing": pa.array(housing),
    }
    return pa.table(columns), draw.normal(1000, 100, rows)


def test_bounds_and_frequent_categories_are_found(planned: Callable[..., Plan]) -> None:
    rows, target = table(6000, ["own", "rent", "free"] * 2000)
    found = look(rows, target, planned(SIGNATURE, "linear_regression"), Noise())
    assert found.rows == pytest.approx(6000, abs=200)
    assert found.categories == {"housing": ("free", "own", "rent")}
    low, high = found.bounds["year"]
    assert 1950 < low < 1992
    assert 2018 < high <= 2040
    assert set(found.bounds) == {"year", "share"}
    assert -0.3 < found.bounds["share"][0] < 0.1
    assert 0.9 < found.bounds["share"][1] < 1.3
    assert 600 < found.target[0] < 850
    assert 1150 < found.target[1] < 1400


def test_a_category_of_one_row_is_not_told(planned: Callable[..., Plan]) -> None:
    rows, target = table(3000, ["own"] * 2999 + ["a castle in Spain"])
    plan = planned(SIGNATURE, "linear_regression")
    assert all(look(rows, target, plan, Noise()).categories["housing"] == ("own",) for _ in range(20))


def test_what_is_public_is_taken_as_given(planned: Callable[..., Plan]) -> None:
    rows, target = table(40, ["own"] * 40)
    public = {"bounds": {"year": (0.0, 1.0), "share": (0.0, 2.0)}, "categories": {"housing": ("rent",)}}
    plan = planned(SIGNATURE, "linear_regression", target_bounds=(5.0, 6.0), **public)
    found = look(rows, target, plan, Noise())
    assert (found.bounds, found.categories, found.target) == (public["bounds"], {"housing": ("rent",)}, (5.0, 6.0))
    assert found.rows >= 1


def test_where_the_noise_hides_everything_something_is_still_answered(planned: Callable[..., Plan]) -> None:
    rows, target = table(12, ["own"] * 12)
    found = look(rows, target, planned(SIGNATURE, "linear_regression", epsilon=0.1), Noise())
    assert found.categories["housing"] in ((), ("",), ("own",))
    assert all(low < high for low, high in (*found.bounds.values(), found.target))


def test_without_noise_the_bounds_hold_nearly_all(bare: Callable[..., Plan]) -> None:
    rows, target = table(500, ["own", ""] * 250)
    found = look(rows, target, bare(SIGNATURE, "linear_regression"), Noise())
    assert (found.rows, found.categories["housing"]) == (500.0, ("", "own"))
    low, high = found.target
    assert 0.95 < np.mean((target >= low) & (target <= high)) < 1


def test_a_constant_column_has_bounds_around_it(bare: Callable[..., Plan]) -> None:
    rows, _ = table(50, ["own"] * 50)
    found = look(rows, np.full(50, 7.0), bare(SIGNATURE, "linear_regression"), Noise())
    assert found.target[0] <= 7.0 < found.target[1]
