"""Cuts numbers into a few bands whose edges a person would have chosen."""

import itertools
import math

import numpy as np
import numpy.typing as npt

UNKNOWN = "unknown"
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def sensible_edges(values: npt.NDArray[np.float64], bands: int) -> npt.NDArray[np.float64]:
    """Inner edges, ascending, of about ``bands`` bands over the finite ``values`` [n].

    The edges are multiples of 1, 2, 2.5 or 5 times a power of ten, between the 2nd and the 98th percentile: the outer
    bands are open, so that a single extreme value is not a band of its own. Empty when all values are equal.
    """
    finite = values[np.isfinite(values)]
    if not len(finite) or finite.min() == finite.max():
        return np.empty(0)
    low, high = np.percentile(finite, [2, 98])
    if low == high:
        low, high = finite.min(), finite.max()
    step = _sensible_step((high - low) / bands)
    first, last = math.floor(low / step) + 1, math.ceil(high / step) - 1
    return np.arange(first, max(first, last) + 1) * step


def _sensible_step(raw: float) -> float:
    power: float = 10.0 ** math.floor(math.log10(raw))
    return next(power * s for s in _STEPS if power * s >= raw * (1 - 1e-9))


def band_names(edges: npt.NDArray[np.float64]) -> list[str]:
    """Name of each of the ``len(edges) + 1`` bands: ``under 20``, ``20 to under 30``, ``70 and over``."""
    if not len(edges):
        return ["all"]
    shown = [f"{e:.10g}" for e in edges]
    inner = [f"{low} to under {high}" for low, high in itertools.pairwise(shown)]
    return [f"under {shown[0]}", *inner, f"{shown[-1]} and over"]


def banded(values: npt.NDArray[np.float64], bands: int) -> npt.NDArray[np.object_]:
    """Name of the band of each value [n]; ``unknown`` for NaN."""
    return banded_by(values, sensible_edges(values, bands))


def banded_by(values: npt.NDArray[np.float64], edges: npt.NDArray[np.float64]) -> npt.NDArray[np.object_]:
    """Name of the band between these inner ``edges`` of each value [n]; ``unknown`` for NaN."""
    names = np.array([*band_names(edges), UNKNOWN], object)
    places = np.digitize(values, edges)
    places[np.isnan(values)] = len(names) - 1
    chosen: npt.NDArray[np.object_] = names[places]
    return chosen
