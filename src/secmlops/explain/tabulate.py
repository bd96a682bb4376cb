"""Makes the tables of paths from trees and background rows, once, when a model is about to be released."""

from typing import Any

import numpy as np
import numpy.typing as npt

from secmlops.explain.columns import Rows
from secmlops.explain.explanation import Floats, Indices
from secmlops.explain.paths import MAX_PLAYERS, Literals, branch_answers
from secmlops.explain.reading import UnreadableError
from secmlops.explain.trees import Trees

MAX_PATTERNS = 2_000_000
"""Of one ensemble: they bound the size of the tables (5 bytes each) and the time of a row."""
MAX_BACKGROUND = 255


def tabulate(trees: Trees, background: Rows, owners: Indices, values: Floats, intercept: Floats) -> dict[str, Any]:
    """Arrays of ``TreePaths`` for the scores ``values`` [N, k] and ``intercept`` [k] of the nodes' leaves.

    ``background`` are encoded rows [b, m], 1 to 255, ``owners`` [m] the feature of each column. Raises UnreadableError
    for a path of too many features.
    """
    leaves = np.flatnonzero(trees.leaf & (trees.parent >= 0))
    constant = intercept + values[trees.leaf & (trees.parent < 0)].sum(axis=0)
    branches = np.flatnonzero(~trees.leaf)
    path, node, holds = _literals(trees, leaves)
    feature = owners[trees.column[node]]
    order = np.lexsort((node, feature, path))
    path, node, holds, feature = path[order], node[order], holds[order], feature[order]
    begins = np.flatnonzero(np.r_[True, (np.diff(path) != 0) | (np.diff(feature) != 0)][: len(path)])
    features = np.bincount(path[begins], minlength=len(leaves))
    if features.max(initial=0) > MAX_PLAYERS:
        raise UnreadableError(f"a path asks about {features.max()} features, more than {MAX_PLAYERS}")
    numbers = np.zeros(len(trees.leaf), np.intp)
    numbers[branches] = np.arange(len(branches))
    asked = {name: getattr(trees, name)[branches] for name in ("column", "threshold", "operator", "missing")}
    answers = branch_answers(asked, background)
    lengths = np.diff(np.r_[begins, len(path)])
    literals = Literals.of(numbers[node], holds, lengths, features)
    lacking = np.array([literals.lacking(answer) for answer in answers], np.int32)
    lacks, rows, counts = _patterns(lacking)
    return {
        **asked,
        "path_features": features.astype(np.uint8),
        "feature_literals": lengths.astype(np.int32),
        "feature": feature[begins].astype(np.int32),
        "literal": numbers[node].astype(np.int32),
        "holds": holds.astype(np.uint8),
        "values": values[leaves],
        "path_patterns": counts.astype(np.uint8),
        "lacks": lacks,
        "pattern_rows": rows.astype(np.uint8),
        "background": np.array([len(background)], np.int64),
        "base": constant + (lacking == 0).mean(axis=0) @ values[leaves],
    }


def background_rows(trees: Trees, wanted: int) -> int:
    """How many background rows the tables have room for, at most ``wanted``; raises UnreadableError when too few."""
    paths = int((trees.leaf & (trees.parent >= 0)).sum())
    room = min(wanted, MAX_BACKGROUND, MAX_PATTERNS // max(paths, 1))
    if room < min(wanted, 20):
        raise UnreadableError(f"{paths} leaves are more than the tables have room for")
    return room


def _literals(trees: Trees, leaves: Indices) -> tuple[Indices, Indices, npt.NDArray[np.bool_]]:
    """Every branch above every leaf: the path's number, the branch, and whether it must be true."""
    found = []
    paths, nodes = np.arange(len(leaves)), leaves
    while len(nodes):
        found.append((paths, trees.parent[nodes], trees.true[nodes]))
        inner = trees.parent[trees.parent[nodes]] >= 0
        paths, nodes = paths[inner], trees.parent[nodes][inner]
    if not found:
        return np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.bool_)
    path, node, holds = (np.concatenate(part) for part in zip(*found, strict=True))
    return path, node, holds


def _patterns(lacking: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int32], Indices, Indices]:
    """Different patterns of each path, path by path; how many rows show each; how many patterns a path has."""
    ordered = np.sort(lacking, axis=0).T
    first = np.ones(ordered.shape, np.bool_)
    first[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    begins = np.flatnonzero(first)
    return ordered.ravel()[begins], np.diff(np.r_[begins, ordered.size]), first.sum(axis=1)
