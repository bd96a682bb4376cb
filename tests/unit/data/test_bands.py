import numpy as np
import pytest

from secmlops.data.bands import band_names, banded, sensible_edges


@pytest.mark.parametrize(
    ("values", "bands", "edges"),
    [
        (np.arange(20, 80), 5, [40, 60]),
        (np.linspace(0, 1, 101), 10, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
        (np.array([1.0, 1.0]), 5, []),
        (np.array([np.nan, np.inf]), 5, []),
        (np.array([0.0] * 99 + [1000.0]), 4, [250, 500, 750]),
    ],
)
def test_edges_are_round_numbers(values: np.ndarray, bands: int, edges: list[float]) -> None:
    assert sensible_edges(values.astype(float), bands).tolist() == pytest.approx(edges)


def test_bands_have_names_and_every_value_one() -> None:
    assert band_names(np.array([10.0, 20.0])) == ["under 10", "10 to under 20", "20 and over"]
    assert band_names(np.empty(0)) == ["all"]
    values = np.array([5.0, 10.0, 19.9, 20.0, np.nan, -np.inf, np.inf])
    names = banded(np.concatenate([values, np.arange(0, 31.0)]), 3)[:7].tolist()
    assert names == [
        "under 10",
        "10 to under 20",
        "10 to under 20",
        "20 and over",
        "unknown",
        "under 10",
        "20 and over",
    ]
