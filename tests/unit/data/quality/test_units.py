import numpy as np
import pytest

from secmlops.data.quality.units import Suspicion, find_suspects

ROWS = 2_000


def suspects(name: str, values: np.ndarray) -> list[tuple[Suspicion, int]]:
    return [(s.kind, s.rows) for s in find_suspects({name: values})]


@pytest.mark.parametrize("factor", [1000.0, 0.001, 100.0, 2.20462, 1 / 2.54])
def test_values_in_another_unit_are_found(factor: float) -> None:
    values = np.random.default_rng(1).normal(75, 5, ROWS)
    values[:60] *= factor
    assert suspects("weight", values) == [(Suspicion.UNIT, 60)]


def test_the_unit_is_named() -> None:
    values = np.random.default_rng(2).normal(75, 12, ROWS)
    values[:60] *= 1000
    (suspect,) = find_suspects({"weight": values})
    assert suspect.told == "as if in another unit: too large by a factor of 1,000 (thousands, milli or kilo)"


@pytest.mark.parametrize(("low", "spread"), [(36.8, 0.5), (21.0, 3.0)])
def test_degrees_are_only_suspected_where_the_header_speaks_of_warmth(low: float, spread: float) -> None:
    values = np.random.default_rng(3).normal(low, spread, ROWS)
    values[:40] = values[:40] * 1.8 + 32
    assert suspects("body_temperature", values) == [(Suspicion.UNIT, 40)]
    assert all(s.told.count("degrees") == 0 for s in find_suspects({"reading": values}))


@pytest.mark.parametrize("seed", range(10))
def test_honest_columns_of_many_shapes_are_not_suspected(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns = {
        "normal": rng.normal(50, 10, ROWS),
        "lognormal": np.exp(rng.normal(3, 1, ROWS)),
        "gamma": rng.gamma(0.5, 2, ROWS),
        "heavy": rng.standard_t(3, ROWS),
        "pareto": rng.pareto(1.5, ROWS) + 1,
        "two_kinds": np.where(rng.random(ROWS) < 0.2, rng.normal(10, 1, ROWS), rng.normal(50, 5, ROWS)),
        "half_empty": np.where(rng.random(ROWS) < 0.4, 0, rng.exponential(1000, ROWS)),
        "count": rng.poisson(20, ROWS) * 1.0,
        "temperature": rng.normal(15, 8, ROWS),
    }
    assert find_suspects(columns) == ()


@pytest.mark.parametrize("value", [-999.0, 9999.0, -1.0])
def test_a_number_that_stands_for_a_gap_is_found(value: float) -> None:
    values = np.random.default_rng(4).integers(0, 40, ROWS).astype(float)
    values[:50] = value
    assert suspects("months_since_last_contact", values) == [(Suspicion.PLACEHOLDER, 50)]


def test_a_negative_number_among_negative_ones_stands_for_itself() -> None:
    values = np.round(np.random.default_rng(5).normal(0, 3, ROWS))
    assert np.count_nonzero(values == -9) + np.count_nonzero(values == -1) > 0
    assert suspects("balance", values) == []


def test_the_first_day_of_a_century_stands_for_a_gap() -> None:
    days = np.random.default_rng(6).integers(15_000, 19_000, ROWS).astype(float)
    days[:30] = -25567.0
    assert suspects("joined", days) == [(Suspicion.PLACEHOLDER, 30)]


@pytest.mark.parametrize(
    ("header", "value"), [("age", 400.0), ("Air temperature [K]", -3.0), ("latitude", 95.0), ("probability", 1.5)]
)
def test_what_the_header_forbids_is_impossible(header: str, value: float) -> None:
    assert suspects(header, np.array([0.5, 1.0, value])) == [(Suspicion.IMPOSSIBLE, 1)]
    assert suspects("mileage", np.array([0.5, 1.0, value])) == []


def test_few_values_say_nothing() -> None:
    assert suspects("weight", np.array([1.0, 2.0, 1000.0, 2000.0])) == []
    assert suspects("rating", np.tile([1.0, 2.0, 999.0], 100)) == []
    assert suspects("empty", np.full(100, np.nan)) == []


@pytest.mark.parametrize(
    "name",
    [
        "kelvin", "temperature_kelvin", "temp_k", "Air temperature [K]", "Process temperature [K]", "T [K]",
        "surface_temp_K", "boiling_point_k", "Dew point (K)", "temperature in K",
    ],
)  # fmt: skip
def test_nothing_is_colder_than_nought_kelvin(name: str) -> None:
    values = np.random.default_rng(7).normal(300, 5, ROWS)
    values[:3] = -20
    assert (Suspicion.IMPOSSIBLE, 3) in suspects(name, values)


@pytest.mark.parametrize(
    "name",
    [
        "profit_k", "balance_k", "Net income (k)", "cashflow USD k", "change_k", "k", "gain_loss_k", "score_at_k",
        "delta temperature [K]", "kelvin_error",
    ],
)  # fmt: skip
def test_a_k_for_thousands_or_a_difference_may_be_negative(name: str) -> None:
    values = np.random.default_rng(7).normal(0, 50, ROWS)
    assert suspects(name, values) == []
