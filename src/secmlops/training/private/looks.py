"""Looks at private rows before the fit: how many there are, in which ranges numbers lie, which categories are frequent.

All are counts with normal noise, so what they cost adds up exactly with the fit. Bounds come from two histograms: one
over powers of two, one over even steps between the outermost of them that are surely not empty. A category is told when
its noisy count passes a threshold that hides one that only one person has (Korolova et al., WWW 2009; for normal noise
Swanberg et al., PETS 2023).
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.training.private.gaussian import upper_quantile
from secmlops.training.private.noise import Noise, Numbers
from secmlops.training.private.plan import Plan
from secmlops.training.private.settings import Bounds

_POWERS = 2.0 ** np.arange(-10, 42)
_EDGES = np.concatenate([-_POWERS[::-1], _POWERS])
_MOST_STEPS = 64
_LEAST_STEPS = 4
_CLEAR = 4.0
"""Standard deviations of the noise that a step of the fine histogram should hold on average."""
_NOT_NOISE = 3.0
"""Standard deviations of the noise up to which a step counts as empty: else many empty ones would widen the bounds."""
_TAIL = 0.01
"""Share of the rows that may lie beyond either bound."""
_FALSE_ALARM = 1e-4
"""Chance that any empty power of two counts as full: one would make the bounds far too wide."""
_TARGET = "\0target"


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of the rows without any one of them: from the settings, or paid for.

    ``rows`` is their noisy number, at least 1. ``categories`` of a column that shows none is the missing one.
    """

    rows: float
    bounds: Mapping[str, Bounds]
    categories: Mapping[str, tuple[str, ...]]
    target: Bounds


def look(table: pa.Table, target: npt.NDArray[np.int64] | Numbers, plan: Plan, noise: Noise) -> Found:
    """Find what the settings leave open, in two looks; the second one narrows the bounds."""
    texts = [f.name for f in table.schema if pa.types.is_string(f.type)]
    values = {
        f.name: _known(table.column(f.name).to_numpy())
        for f in table.schema
        if f.name not in texts and f.name not in plan.bounds
    }
    if target.dtype.kind == "f" and plan.target_bounds is None:
        values[_TARGET] = _known(target)
    lists = [name for name in texts if name not in plan.categories]
    scale = plan.rows_per_person * math.sqrt(1 + len(values) + len(lists)) / plan.looks[0]
    rows = max(1.0, float(noise.add(np.array([len(target)], np.float64), scale)[0]))
    threshold = _threshold(scale, len(lists), plan)
    found = {
        name: _frequent(Counter(map(str, table.column(name).to_pylist())), (scale, threshold), noise) for name in lists
    }
    bounds = {name: _magnitudes(column, scale, noise) for name, column in values.items()}
    if values and plan.looks[1]:
        finer = plan.rows_per_person * math.sqrt(len(values)) / plan.looks[1]
        bounds = {name: _narrowed(column, bounds[name], (rows, finer), noise) for name, column in values.items()}
    known = {**plan.bounds, **bounds}
    widest = known.pop(_TARGET, plan.target_bounds or (-1.0, 1.0))
    return Found(rows, known, {**plan.categories, **found}, widest)


def _known(column: npt.NDArray[np.generic]) -> Numbers:
    values = np.asarray(column, np.float64)
    return values[~np.isnan(values)]


def _threshold(scale: float, columns: int, plan: Plan) -> float:
    """Count that no category of one person alone passes, in any column, but for the chance that was set aside."""
    alone = plan.rows_per_person
    if not columns or not scale:
        return 0.0
    return alone + scale * upper_quantile(plan.categories_delta / (columns * alone))


def _frequent(counts: Counter[str], drawn: tuple[float, float], noise: Noise) -> tuple[str, ...]:
    """Sorted categories whose count with noise of a scale passes a threshold, both ``drawn`` before."""
    scale, threshold = drawn
    names = list(counts)
    noisy = noise.add(np.array([counts[name] for name in names], np.float64), scale)
    return tuple(sorted(name for name, count in zip(names, noisy, strict=True) if count > threshold)) or ("",)


def _magnitudes(values: Numbers, scale: float, noise: Noise) -> Bounds:
    """Powers of two, or 0, around the outermost ones whose noisy counts are surely not nothing."""
    places = np.clip(np.searchsorted(_EDGES, values, "right") - 1, 0, len(_EDGES) - 2)
    noisy = noise.add(np.bincount(places, minlength=len(_EDGES) - 1).astype(np.float64), scale)
    full = np.flatnonzero(noisy > scale * upper_quantile(_FALSE_ALARM / len(noisy)))
    first, last = (full[0], full[-1]) if len(full) else (int(np.argmax(noisy)),) * 2
    return float(_EDGES[first]), float(_EDGES[last + 1])


def _narrowed(values: Numbers, bounds: Bounds, known: tuple[float, float], noise: Noise) -> Bounds:
    """Quantiles of a noisy histogram within ``bounds``; these where the ``known`` rows are too few for the noise."""
    rows, scale = known
    steps = _MOST_STEPS if scale == 0 else min(_MOST_STEPS, int(rows / (_CLEAR * scale)))
    if steps < _LEAST_STEPS:
        return bounds
    counts, edges = np.histogram(np.clip(values, *bounds), steps, bounds)
    noisy = noise.add(counts.astype(np.float64), scale)
    shares = np.cumsum(np.where(noisy > _NOT_NOISE * scale, noisy, 0.0))
    if not shares[-1]:
        return bounds
    first, last = np.searchsorted(shares, np.array([_TAIL, 1 - _TAIL]) * shares[-1])
    return float(edges[first]), float(edges[last + 1])
