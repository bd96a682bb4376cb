import numpy as np
import pyarrow as pa
import pytest

from secmlops.data.recognise.location import coordinate_columns, is_position

EXACT = np.random.default_rng(4).uniform(40, 50, 100)


@pytest.mark.parametrize("text", ["47.389127,8.035409", "(-33.86882; 151.20929)"])
def test_positions(text: str) -> None:
    assert is_position(text)


@pytest.mark.parametrize("text", ["97.389127,8.035409", "47.389127,181.0354"])
def test_what_lies_not_on_the_earth(text: str) -> None:
    assert not is_position(text)


def test_latitude_and_longitude_together_are_a_position() -> None:
    table = pa.table({"home_lat": EXACT, "home_lon": EXACT, "size": EXACT})
    assert coordinate_columns(table) == {"home_lat", "home_lon"}


@pytest.mark.parametrize(
    "columns",
    [
        {"lat": EXACT},
        {"lat": EXACT, "longer": EXACT},
        {"lat": np.round(EXACT, 2), "lon": np.round(EXACT, 2)},
        {"lat": EXACT * 10, "lon": EXACT},
        {"lat": pa.nulls(100, pa.float64()), "lon": EXACT},
        {"lat": ["a"] * 100, "lon": EXACT},
    ],
)
def test_half_a_position_and_a_coarse_one_are_none(columns: dict[str, object]) -> None:
    assert coordinate_columns(pa.table(columns)) == frozenset()
