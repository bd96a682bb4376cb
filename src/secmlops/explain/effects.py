"""How a model's answer goes with one feature: partial dependence, individual curves, and accumulated local effects.

Partial dependence (Friedman 2001) is the mean answer when every row gets the same value; an individual curve is that of
one row (Goldstein et al. 2015). Where features go together they ask about rows that nobody has: accumulated effects
(Apley and Zhu 2020) only move a row within its own neighbourhood.
"""

from dataclasses import dataclass

import numpy as np

from secmlops.explain.explanation import Floats, Indices
from secmlops.explain.mixing import Mixer
from secmlops.runtime.signature import FeatureKind, Inputs

POINTS = 20
MAX_CATEGORIES = 12
_OUTER = 0.025
"""Share of the rows at either end that is not shown: no person's own extreme is."""


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """Answers by the values ``at`` [g] of one feature: their ``mean`` [g] and ``curves`` [r, g] of single rows.

    ``local`` [g] are the accumulated local effects, shifted to the mean answer; None for categories, which have no
    order. ``share`` [g] is the share of the rows up to each number, or with each category.
    """

    feature: str
    at: tuple[float, ...] | tuple[str, ...]
    mean: Floats
    curves: Floats
    local: Floats | None
    share: Floats


def effect_of(mixer: Mixer, place: int, inputs: Inputs, rows: int) -> Effect | None:
    """Effect of the feature at ``place`` of the signature on answers to ``inputs`` [n], by curves of ``rows`` of them.

    None for a feature with a single value.
    """
    feature = mixer.signature.features[place]
    numeric = feature.kind is FeatureKind.NUMERIC
    own = _numbers(mixer, place, inputs) if numeric else _categories(mixer, place, inputs)
    if len(own) < 2:
        return None
    shown = inputs.take(np.linspace(0, len(inputs) - 1, min(rows, len(inputs))).astype(np.intp))
    curves = mixer.crossed(np.array([place]), own, shown).T
    values, held = _column(mixer, place, own), _column(mixer, place, inputs)
    if numeric:
        known = held[~np.isnan(held)]
        share = np.searchsorted(np.sort(known), values, side="right") / len(known)
        at: tuple[float, ...] | tuple[str, ...] = tuple(float(v) for v in values)
    else:
        share, at = np.array([(held == v).mean() for v in values]), tuple(str(v) for v in values)
    local = _accumulated(mixer, place, own, inputs) if numeric else None
    return Effect(feature.name, at, curves.mean(axis=0), curves, local, share)


def _accumulated(mixer: Mixer, place: int, grid: Inputs, inputs: Inputs) -> Floats:
    """Sum over the intervals of the mean change of answers when the rows within move from one end to the other."""
    edges, held = _column(mixer, place, grid), _column(mixer, place, inputs)
    inside = np.flatnonzero((held >= edges[0]) & (held <= edges[-1]))
    rows, interval = inputs.take(inside), np.clip(np.searchsorted(edges, held[inside]) - 1, 0, len(edges) - 2)
    chosen = np.zeros((1, len(mixer.signature.features)), np.bool_)
    chosen[0, place] = True
    upper = mixer.scores(mixer.mixed(chosen, grid.take(interval + 1), rows))
    change = upper - mixer.scores(mixer.mixed(chosen, grid.take(interval), rows))
    count = np.bincount(interval, minlength=len(edges) - 1)
    step = np.bincount(interval, weights=change, minlength=len(edges) - 1) / np.maximum(count, 1)
    effect = np.concatenate([[0.0], np.cumsum(step)])
    middle = (count * (effect[1:] + effect[:-1]) / 2).sum() / max(count.sum(), 1)
    shifted: Floats = effect - middle + float(mixer.scores(inputs).mean())
    return shifted


def _numbers(mixer: Mixer, place: int, inputs: Inputs) -> Inputs:
    """Rows that hold round shares of a number's distribution, each value once, from low to high."""
    column = _column(mixer, place, inputs)
    known = column[np.isfinite(column)]
    if not len(known):
        return inputs.take(slice(0, 0))
    shares = np.linspace(_OUTER, 1 - _OUTER, POINTS)
    values = np.unique(np.quantile(known, shares, method="nearest").astype(np.float32))
    rows = inputs.take(np.zeros(len(values), np.intp))
    numeric = rows.numeric.copy()
    numeric[:, _place_in_kind(mixer, place)] = values
    return Inputs(numeric, rows.categorical)


def _categories(mixer: Mixer, place: int, inputs: Inputs) -> Inputs:
    """Rows that hold each of the most frequent categories once, the most frequent first."""
    values, counts = np.unique(_column(mixer, place, inputs).astype(str), return_counts=True)
    kept = values[np.argsort(-counts, kind="stable")][:MAX_CATEGORIES]
    rows = inputs.take(np.zeros(len(kept), np.intp))
    categorical = rows.categorical.copy()
    categorical[:, _place_in_kind(mixer, place)] = kept
    return Inputs(rows.numeric, categorical)


def _column(mixer: Mixer, place: int, inputs: Inputs) -> np.ndarray:
    numeric = mixer.signature.features[place].kind is FeatureKind.NUMERIC
    part = inputs.numeric if numeric else inputs.categorical
    column: np.ndarray = part[:, _place_in_kind(mixer, place)]
    return column


def _place_in_kind(mixer: Mixer, place: int) -> int:
    kind = mixer.signature.features[place].kind
    return sum(feature.kind is kind for feature in mixer.signature.features[:place])


def interaction(mixer: Mixer, places: Indices, inputs: Inputs) -> Floats:
    """Strength [k, k] of the interaction of every two of the features ``places`` [k]: Friedman and Popescu's H.

    H squared (2008) is the share of the variance of both features' joint partial dependence that the sum of their own
    does not tell: 0 for a sum, 1 where neither has an effect of its own. It asks about n rows with n values for each
    feature and pair; 0 where the two have hardly any effect, which would be a quotient of rounding.
    """
    own = [_centred(mixer.crossed(np.array([place]), inputs, inputs).mean(axis=1)) for place in places]
    floor = 1e-6 * max((float((one**2).sum()) for one in own), default=0.0)
    strength = np.zeros((len(places), len(places)))
    for a in range(len(places)):
        for b in range(a):
            joint = _centred(mixer.crossed(places[[a, b]], inputs, inputs).mean(axis=1))
            total, rest = float((joint**2).sum()), float(((joint - own[a] - own[b]) ** 2).sum())
            strength[a, b] = strength[b, a] = (min(rest / total, 1.0)) ** 0.5 if total > floor else 0.0
    return strength


def _centred(values: Floats) -> Floats:
    centred: Floats = values - values.mean()
    return centred
