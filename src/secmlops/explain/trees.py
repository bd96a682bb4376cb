"""Reads the trees of an ONNX tree ensemble as plain arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from secmlops.explain.explanation import Floats, Indices
from secmlops.explain.reading import Attributes, Head, UnreadableError

OPERATORS: Mapping[bytes, int] = MappingProxyType(
    {
        mode: code
        for code, mode in enumerate(
            (b"BRANCH_LEQ", b"BRANCH_LT", b"BRANCH_GTE", b"BRANCH_GT", b"BRANCH_EQ", b"BRANCH_NEQ")
        )
    }
)
"""Numbers by which the comparisons of branches are stored."""
_LEAF = b"LEAF"


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """All nodes of all trees, N in number.

    A branch node compares ``column`` with ``threshold`` by ``operator``; ``missing`` says that NaN counts as true.
    ``parent`` [N] is -1 at a root, ``true`` [N] says that a node is reached when its parent's comparison holds.
    ``values`` [N, j] are what leaves add to each score, before anything is added from ``intercept`` [j].
    """

    column: npt.NDArray[np.int32]
    threshold: npt.NDArray[np.float32]
    operator: npt.NDArray[np.uint8]
    missing: npt.NDArray[np.uint8]
    parent: Indices
    true: npt.NDArray[np.bool_]
    leaf: npt.NDArray[np.bool_]
    values: Floats
    intercept: Floats


def read_trees(head: Head, width: int) -> Trees:
    """Trees of an ensemble with ``width`` classes, or 1 target; raises UnreadableError for what is not known."""
    given = head.attributes
    if set(given) & {f"{name}_as_tensor" for name in ("nodes_values", "base_values", "class_weights")}:
        raise UnreadableError("an ensemble of doubles")
    modes = given["nodes_modes"]
    if not set(modes) <= {*OPERATORS, _LEAF}:
        raise UnreadableError("a comparison that is not known")
    leaf = np.array([mode == _LEAF for mode in modes])
    keys = _keys(given["nodes_treeids"], given["nodes_nodeids"])
    parent, true = _parents(given, keys, leaf)
    if not (np.array(given["nodes_featureids"])[~leaf] >= 0).all():
        raise UnreadableError("a column with a negative number")
    values, intercept = _values(given, keys, len(leaf), width)
    return Trees(
        column=np.where(leaf, 0, given["nodes_featureids"]).astype(np.int32),
        threshold=np.where(leaf, 0, given["nodes_values"]).astype(np.float32),
        operator=np.array([OPERATORS.get(mode, 0) for mode in modes], np.uint8),
        missing=np.array(given.get("nodes_missing_value_tracks_true") or [0] * len(leaf), np.uint8),
        parent=parent,
        true=true,
        leaf=leaf,
        values=values,
        intercept=intercept,
    )


def _keys(trees: Any, nodes: Any) -> npt.NDArray[np.int64]:
    return np.array(trees, np.int64) * 2**32 + np.array(nodes, np.int64)


def _places(keys: npt.NDArray[np.int64], wanted: npt.NDArray[np.int64]) -> Indices:
    """Place of each wanted key; raises UnreadableError when one is not there, or twice."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    found = np.searchsorted(ordered, wanted)
    if (np.diff(ordered) == 0).any() or (found >= len(keys)).any() or (ordered[found] != wanted).any():
        raise UnreadableError("nodes that are not there, or twice")
    return order[found]


def _parents(given: Attributes, keys: npt.NDArray[np.int64], leaf: npt.NDArray[np.bool_]) -> Any:
    """Parent of every node, and whether the way to it is the true one."""
    own, trees = np.array(given["nodes_nodeids"], np.int64), given["nodes_treeids"]
    parent, true = np.full(len(leaf), -1, np.intp), np.zeros(len(leaf), np.bool_)
    branches = np.flatnonzero(~leaf)
    reached = []
    for name, holds in (("nodes_truenodeids", True), ("nodes_falsenodeids", False)):
        children = np.array(given[name], np.int64)
        if (children[branches] <= own[branches]).any():
            raise UnreadableError("a branch that does not lead downwards")
        places = _places(keys, _keys(trees, children)[branches])
        parent[places], true[places] = branches, holds
        reached.append(places)
    if len(np.unique(np.concatenate(reached))) != 2 * len(branches):
        raise UnreadableError("a node that is reached in two ways")
    return parent, true


def _values(given: Attributes, keys: npt.NDArray[np.int64], nodes: int, width: int) -> tuple[Floats, Floats]:
    kind = "class" if "class_ids" in given else "target"
    ids = np.array(given[f"{kind}_ids"], np.intp)
    if width == 2 and len(set(ids.tolist())) == 1:
        ids[:], width = 0, 1  # one score stands for both classes: that of the event
    if len(ids) and not 0 <= ids.min() <= ids.max() < width:
        raise UnreadableError("weights for a class that there is not")
    values = np.zeros((nodes, width))
    places = _places(keys, _keys(given[f"{kind}_treeids"], given[f"{kind}_nodeids"]))
    np.add.at(values, (places, ids), np.array(given[f"{kind}_weights"], np.float32).astype(np.float64))
    if given.get("aggregate_function", b"SUM") == b"AVERAGE":
        values /= len(set(given["nodes_treeids"]))
    elif given.get("aggregate_function", b"SUM") != b"SUM":
        raise UnreadableError("trees whose answers are not added up")
    base = np.array(given.get("base_values") or [0.0] * width, np.float64)
    if len(base) not in {width, 1, 2} or len(base) < width:
        raise UnreadableError("another number of base values than scores")
    return values, base[-width:]
