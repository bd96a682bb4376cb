"""Checks a table in one pass, by nothing but its own columns, before it is let out.

Nothing here is shared with the code that cuts: classes are found again from the released values, and each model is
computed another way, from the triples of class, sensitive value and rows that occur.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.core.errors import InputError, VerificationError
from secmlops.data.anonymise.demand import Demand, Sensitive
from secmlops.data.anonymise.hierarchy import ROOT, Hierarchy
from secmlops.data.anonymise.privacy import (
    Closeness,
    DistinctDiversity,
    EntropyDiversity,
    Ground,
    Model,
    RecursiveDiversity,
)
from secmlops.data.values import codes, factorise, text_form

_ACCURACY = 1e-6
_Numbers = npt.NDArray[np.float64]
_Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Guarantees:
    """What the released table was found to keep: its classes, the smallest of them, and the worst value of each model.

    ``worst`` is by model and column: ``distinct_l``, ``entropy_l`` (lowest), ``recursive_c`` (the lowest c that would
    still hold), ``t`` (highest), ``delta_low`` and ``delta_high``.
    """

    classes: int
    k: int
    worst: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _Triples:
    """Which values occur in which class: ``group``, ``value`` and ``count`` [triples], by class.

    ``sizes`` [classes] and ``whole`` [values] count rows; ``names`` [values] ascend, None for a missing one.
    """

    group: _Codes
    value: _Codes
    count: _Codes
    sizes: _Codes
    whole: _Codes
    names: tuple[str | None, ...]


def check_table(table: pa.Table, demand: Demand) -> Guarantees:
    """Find out what ``table``, generalised and with its presence column if there is one, keeps of ``demand``.

    Raises VerificationError when it keeps less than was asked for.
    """
    groups = _classes(table, demand)
    member = _members(table, demand, len(groups))
    count = int(groups.max()) + 1
    sizes = np.bincount(groups[member], minlength=count)
    worst: dict[str, float] = {}
    smallest = int(sizes.min())
    _insist(smallest >= demand.k, f"a class of {smallest} rows, where k is {demand.k}")
    if demand.presence is not None:
        shares = sizes / np.bincount(groups)
        worst |= {"delta_low": float(shares.min()), "delta_high": float(shares.max())}
        low, high = demand.delta
        kept = worst["delta_low"] >= low - _ACCURACY and worst["delta_high"] <= high + _ACCURACY
        _insist(kept, "the share of present rows in a class is out of bounds")
    for sensitive in demand.sensitive:
        triples = _triples(table, sensitive, groups[member], member)
        for model in sensitive.models:
            name, value, kept = _judged(model, triples, sensitive.hierarchy)
            worst[f"{name} {sensitive.column}"] = value
            _insist(kept, f"a class with {name} = {value:.4f} in column {sensitive.column!r}")
    return Guarantees(count, smallest, worst)


def _insist(kept: bool, told: str) -> None:
    if not kept:
        raise VerificationError(f"the anonymised table does not keep its promise: {told}", where="anonymise")


def _classes(table: pa.Table, demand: Demand) -> _Codes:
    """Class of each row [rows]: the same for rows that no quasi-identifier tells apart."""
    groups = np.zeros(table.num_rows, np.int64)
    for quasi in demand.quasi_identifiers:
        column = codes(table[quasi.column])
        groups = factorise(groups * (int(column.max()) + 1) + column)
    return groups


def _members(table: pa.Table, demand: Demand, rows: int) -> npt.NDArray[np.bool_]:
    if demand.presence is None:
        return np.ones(rows, bool)
    return np.array(table[demand.presence].to_pylist(), bool)


def _triples(table: pa.Table, sensitive: Sensitive, groups: _Codes, member: npt.NDArray[np.bool_]) -> _Triples:
    column = table[sensitive.column].filter(pa.array(member))
    ascending = column.combine_chunks().unique().sort()
    forms = text_form(pa.chunked_array([ascending])).to_pylist()
    names = (*forms, None) if column.null_count and None not in forms else tuple(forms)
    value = pc.index_in(column, ascending).fill_null(len(names) - 1).to_numpy().astype(np.int64)
    pairs, count = np.unique(groups * len(names) + value, return_counts=True)
    return _Triples(
        group=pairs // len(names),
        value=pairs % len(names),
        count=count,
        sizes=np.bincount(groups),
        whole=np.bincount(value, minlength=len(names)),
        names=names,
    )


def _judged(model: Model, triples: _Triples, hierarchy: Hierarchy | None) -> tuple[str, float, bool]:
    """Name of the measure, its worst value in any class, and whether the model allows it."""
    match model:
        case DistinctDiversity(ell):
            fewest = int(np.bincount(triples.group).min())
            return "distinct_l", float(fewest), fewest >= ell
        case EntropyDiversity(ell):
            effective = _effective_values(triples)
            return "entropy_l", effective, effective >= ell - _ACCURACY
        case RecursiveDiversity(c, ell):
            needed = _needed_c(triples, ell)
            return "recursive_c", needed, needed < c
        case Closeness():
            farthest = _farthest(triples, model.ground, hierarchy)
            return "t", farthest, farthest <= model.t + _ACCURACY
    raise InputError(f"no check for the model {type(model).__name__}", where="anonymise")


def _effective_values(triples: _Triples) -> float:
    """Lowest exponential of the entropy of a class."""
    share = triples.count / triples.sizes[triples.group]
    entropy = np.bincount(triples.group, weights=-share * np.log(share))
    return float(np.exp(entropy.min()))


def _needed_c(triples: _Triples, ell: int) -> float:
    """Highest ratio, over the classes, of the commonest value to the l-th and rarer ones together."""
    order = np.lexsort((-triples.count, triples.group))
    group, count = triples.group[order], triples.count[order]
    first = np.searchsorted(group, np.arange(len(triples.sizes)))
    rank = np.arange(len(group)) - first[group]
    tail = np.bincount(group, weights=np.where(rank >= ell - 1, count, 0))
    return float(np.max(np.divide(count[first], tail, out=np.full(len(tail), np.inf), where=tail > 0)))


def _farthest(triples: _Triples, ground: Ground, hierarchy: Hierarchy | None) -> float:
    """Largest earth mover's distance of a class from the whole table."""
    if ground is Ground.EQUAL:
        share = triples.count / triples.sizes[triples.group]
        excess = np.maximum(share - triples.whole[triples.value] / triples.whole.sum(), 0)
        return float(np.bincount(triples.group, weights=excess).max())
    if ground is Ground.ORDERED:
        moved, total = np.zeros(len(triples.sizes)), np.zeros(len(triples.sizes))
        for excess in _excesses(triples):
            moved += excess
            total += np.abs(moved)
        return float(total.max()) / max(1, len(triples.names) - 1)
    if hierarchy is None:
        raise InputError("hierarchical t-closeness without a hierarchy", where="anonymise")
    return float(_moved_up(triples, hierarchy).max())


def _excesses(triples: _Triples) -> Iterator[_Numbers]:
    """For each value in ascending order: its share in each class less its share in the whole table [classes]."""
    order = np.argsort(triples.value, kind="stable")
    ends = np.searchsorted(triples.value[order], np.arange(len(triples.names) + 1))
    for value, (start, end) in enumerate(itertools.pairwise(ends)):
        here = order[start:end]
        excess = np.full(len(triples.sizes), -triples.whole[value] / triples.whole.sum())
        excess[triples.group[here]] += triples.count[here] / triples.sizes[triples.group[here]]
        yield excess


def _moved_up(triples: _Triples, hierarchy: Hierarchy) -> _Numbers:
    """Distance of each class by the hierarchy [classes]: group by group, what cannot be balanced inside moves up."""
    whole = hierarchy.with_value("(missing)")
    paths = [whole.path(name if name is not None else "(missing)") for name in triples.names]
    height = max(map(len, paths)) - 1
    surplus: dict[str, list[_Numbers]] = defaultdict(list)
    depth = {name: len(path) - place - 1 for path in paths for place, name in enumerate(path)}
    own = {path[0]: excess for path, excess in zip(paths, _excesses(triples), strict=True)}
    distance = np.zeros(len(triples.sizes))
    for name in sorted(depth, key=lambda n: -depth[n]):
        parts = surplus.pop(name, [])
        if name in own:
            parts.append(own[name])
        gained = sum((np.maximum(part, 0) for part in parts), np.zeros(len(distance)))
        lost = sum((np.maximum(-part, 0) for part in parts), np.zeros(len(distance)))
        distance += np.minimum(gained, lost) * (height - depth[name]) / height
        if name != ROOT:
            surplus[whole.parent[name]].append(gained - lost)
    return distance
