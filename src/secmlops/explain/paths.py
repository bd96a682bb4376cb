"""Shapley values of a tree ensemble against a background, exactly, from tables of its paths.

A leaf is reached by the mix of a row x and a background row z that takes the features S from x when every feature on
its path says yes: those in S by x, the others by z. Let X be the features that only x satisfies, Z those that only z
does. Where some feature is satisfied by neither, no mix reaches the leaf; otherwise the leaf's value v is spread as
v (|X|-1)! |Z|! / (|X|+|Z|)! to each feature in X, and minus v |X|! (|Z|-1)! / (|X|+|Z|)! to each in Z (interventional
TreeSHAP: Lundberg et al. 2020; proof in Laberge and Pequignot 2022). A feature counts once on a path, however many
splits or columns ask about it.

Only which features of a path a background row satisfies matters: the tables hold each such pattern once, as bits, with
the number of rows that show it. No background row is kept.
"""

from collections.abc import Mapping
from math import factorial
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import VerificationError
from secmlops.explain.columns import Encoder, Indices, Rows
from secmlops.explain.explanation import Floats
from secmlops.runtime.signature import Inputs, Signature

MAX_PLAYERS = 30
"""Features on one path, at most: their bits fill an int32."""

_COMPARISONS = (np.less_equal, np.less, np.greater_equal, np.greater, np.equal, np.not_equal)
"""In the order of ``trees.OPERATORS``."""


def _shares() -> tuple[Floats, Floats]:
    """Share of a leaf's value for each feature in X and in Z, by |X| and |Z|; zero where there is none to have it."""
    to_x, to_z = np.zeros((2, MAX_PLAYERS + 1, MAX_PLAYERS + 1))
    for x in range(MAX_PLAYERS + 1):
        for z in range(MAX_PLAYERS + 1 - x):
            if x:
                to_x[x, z] = factorial(x - 1) * factorial(z) / factorial(x + z)
            if z:
                to_z[x, z] = -factorial(x) * factorial(z - 1) / factorial(x + z)
    return to_x, to_z


_TO_X, _TO_Z = _shares()


class TreePaths:
    """Tables of an ensemble with N branch nodes, P paths to leaves, and Q patterns of the background on them.

    ``column``, ``threshold``, ``operator``, ``missing`` [N]: what a branch asks. A path is a run of features, a feature
    a run of literals: ``path_features`` [P] counts features, ``feature_literals`` [F] literals, ``feature`` [F] is an
    index of the signature; ``literal`` [L] is a branch, ``holds`` [L] whether it must be true. ``values`` [P, k] are
    what the leaves add. ``path_patterns`` [P] counts patterns; in ``pattern`` [Q] bit i is set when the i-th feature of
    the path is satisfied, by ``pattern_rows`` [Q] rows of ``background`` [1]. ``base`` [k] is the mean score there.

    Raises VerificationError when the tables do not fit together.
    """

    LAYOUT: ClassVar[Mapping[str, tuple[str, int]]] = {
        "column": ("I32", 1),
        "threshold": ("F32", 1),
        "operator": ("U8", 1),
        "missing": ("U8", 1),
        "path_features": ("U8", 1),
        "feature_literals": ("I32", 1),
        "feature": ("I32", 1),
        "literal": ("I32", 1),
        "holds": ("U8", 1),
        "values": ("F64", 2),
        "path_patterns": ("U8", 1),
        "pattern": ("I32", 1),
        "pattern_rows": ("U8", 1),
        "background": ("I64", 1),
        "base": ("F64", 1),
    }

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], encoder: Encoder, signature: Signature) -> None:
        _check(arrays, len(encoder), len(signature.features))
        encoder.owners(signature)
        self.arrays = arrays
        self._encoder = encoder
        self._width = len(signature.features)
        self._base: Floats = arrays["base"]
        self._holds = arrays["holds"].astype(np.bool_)
        self._any_missing = bool(arrays["missing"].any())
        features = arrays["path_features"].astype(np.intp)
        self._literal_starts = _starts(arrays["feature_literals"])
        self._feature_starts = _starts(features)
        places = np.arange(len(arrays["feature"])) - np.repeat(self._feature_starts, features)
        self._bits = np.left_shift(1, places).astype(np.int32)
        self._patterns = arrays["path_patterns"].astype(np.intp)
        self._full = np.repeat(np.left_shift(1, features) - 1, self._patterns).astype(np.int32)
        self._path = np.repeat(np.arange(len(features), dtype=np.int32), self._patterns)
        self._weights = arrays["pattern_rows"] / arrays["background"][0]
        self._depth = int(features.max(initial=0))
        self._players = np.full((len(features), self._depth), self._width, np.intp)
        self._players[np.repeat(np.arange(len(features)), features), places] = arrays["feature"]

    @property
    def outputs(self) -> int:
        """Number k of scores that can be explained."""
        return len(self._base)

    def base(self, columns: Indices) -> Floats:
        """Mean score over the background of each of ``columns`` [n]."""
        return self._base[columns]

    def contributions(self, inputs: Inputs, columns: Indices) -> Floats:
        """Shapley values float64 [n, p] of the score ``columns`` [n] of each row."""
        found = np.zeros((len(inputs), self._width))
        if len(self._patterns):
            for row, answers in enumerate(branch_answers(self.arrays, self._encoder.encode(inputs))):
                found[row] = self._of_row(self._satisfied(answers), int(columns[row]))
        return found

    def _of_row(self, bits: npt.NDArray[np.int32], column: int) -> Floats:
        """Shapley values [p] of one row, by the ``bits`` [P] of the features that it satisfies."""
        satisfied = np.repeat(bits, self._patterns)
        reached = np.flatnonzero((satisfied | self.arrays["pattern"]) == self._full)
        ours, theirs = satisfied[reached], self.arrays["pattern"][reached]
        only_x, only_z = ours & ~theirs, theirs & ~ours
        counts = np.bitwise_count(only_x), np.bitwise_count(only_z)
        path = self._path[reached]
        weights = self._weights[reached] * self.arrays["values"][path, column]
        to_x, to_z = weights * _TO_X[counts], weights * _TO_Z[counts]
        total = np.zeros(self._width + 1)
        for place in range(self._depth):
            shares = np.where(only_x >> place & 1, to_x, 0.0) + np.where(only_z >> place & 1, to_z, 0.0)
            total += np.bincount(self._players[path, place], shares, self._width + 1)
        return total[:-1]

    def _satisfied(self, answers: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
        """Bits [P] of the features of each path that a row with these ``answers`` [N] satisfies."""
        literals = answers[self.arrays["literal"]] == self._holds
        satisfied = np.logical_and.reduceat(literals, self._literal_starts)
        bits: npt.NDArray[np.int32] = np.add.reduceat(self._bits * satisfied, self._feature_starts)
        return bits


def branch_answers(asked: Mapping[str, npt.NDArray[Any]], encoded: Rows) -> npt.NDArray[np.bool_]:
    """What branches (``column``, ``threshold``, ``operator``, ``missing`` [N]) answer to rows [n, m]: [n, N]."""
    values, operators = encoded[:, asked["column"]], asked["operator"]
    answers: npt.NDArray[np.bool_] = np.less_equal(values, asked["threshold"])
    for code in np.flatnonzero(np.bincount(operators, minlength=len(_COMPARISONS))[1:]) + 1:
        chosen = operators == code
        answers[:, chosen] = _COMPARISONS[code](values[:, chosen], asked["threshold"][chosen])
    if asked["missing"].any():
        answers |= np.isnan(values) & (asked["missing"] == 1)
    return answers


def _starts(lengths: npt.NDArray[Any]) -> Indices:
    """Where runs of these lengths begin."""
    starts: Indices = np.cumsum(lengths, dtype=np.intp) - lengths
    return starts


def _check(arrays: Mapping[str, npt.NDArray[Any]], columns: int, features: int) -> None:
    """Raise VerificationError for tables that would be read beyond their ends, or do not say the same thing."""
    paths, nodes, slots = (len(arrays[name]) for name in ("path_features", "column", "feature"))
    same = (
        {len(arrays[name]) for name in ("column", "threshold", "operator", "missing")} == {nodes}
        and {len(arrays[name]) for name in ("path_features", "path_patterns", "values")} == {paths}
        and len(arrays["feature_literals"]) == slots
        and len(arrays["literal"]) == len(arrays["holds"]) == arrays["feature_literals"].sum(dtype=np.int64)
        and len(arrays["pattern"]) == len(arrays["pattern_rows"]) == arrays["path_patterns"].sum(dtype=np.int64)
        and arrays["path_features"].sum(dtype=np.int64) == slots
        and arrays["values"].shape[1] == len(arrays["base"])
        and len(arrays["background"]) == 1
    )
    if not same or not all(
        (
            _within(arrays["column"], 0, columns),
            _within(arrays["operator"], 0, len(_COMPARISONS)),
            _within(arrays["path_features"], 1, MAX_PLAYERS + 1),
            _within(arrays["feature_literals"], 1, len(arrays["literal"]) + 1),
            _within(arrays["feature"], 0, features),
            _within(arrays["literal"], 0, nodes),
            _within(arrays["path_patterns"], 1, 256),
            _within(arrays["pattern_rows"], 1, 256),
            _patterns_fit(arrays),
        )
    ):
        raise VerificationError("the stored paths do not fit together")


def _within(values: npt.NDArray[Any], least: int, beyond: int) -> bool:
    return not len(values) or bool(least <= values.min() and values.max() < beyond)


def _patterns_fit(arrays: Mapping[str, npt.NDArray[Any]]) -> bool:
    """Whether the patterns of each path name only its features and stand for every background row once."""
    starts = _starts(arrays["path_patterns"])
    if not len(starts):
        return bool(arrays["background"][0] >= 1)
    full = np.repeat(np.left_shift(1, arrays["path_features"].astype(np.int64)), arrays["path_patterns"])
    rows = np.add.reduceat(arrays["pattern_rows"].astype(np.int64), starts)
    named = (arrays["pattern"] >= 0) & (arrays["pattern"] < full)
    return bool(named.all() and (rows == arrays["background"][0]).all())
