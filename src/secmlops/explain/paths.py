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
from dataclasses import dataclass
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

_SIZES = MAX_PLAYERS + 1
_COMPARISONS = (np.less_equal, np.less, np.greater_equal, np.greater, np.equal, np.not_equal)
"""In the order of ``trees.OPERATORS``."""


def _shares() -> tuple[Floats, Floats]:
    """Share of a leaf's value for each feature in X and in Z, by |X| and |Z|, row by row; 0 where none has it."""
    to_x, to_z = np.zeros((2, _SIZES, _SIZES))
    for x in range(_SIZES):
        for z in range(_SIZES - x):
            if x:
                to_x[x, z] = factorial(x - 1) * factorial(z) / factorial(x + z)
            if z:
                to_z[x, z] = -factorial(x) * factorial(z - 1) / factorial(x + z)
    return to_x.ravel(), to_z.ravel()


_TO_X, _TO_Z = _shares()


class TreePaths:
    """Tables of an ensemble with N branch nodes, P paths to leaves, and Q patterns of the background on them.

    ``column``, ``threshold``, ``operator``, ``missing`` [N]: what a branch asks. A path is a run of features, a feature
    a run of literals: ``path_features`` [P] counts features, ``feature_literals`` [F] literals, ``feature`` [F] is an
    index of the signature; ``literal`` [L] is a branch, ``holds`` [L] whether it must be true. ``values`` [P, k] are
    what the leaves add. ``path_patterns`` [P] counts patterns; in ``lacks`` [Q] bit i is set when the i-th feature of
    the path is not satisfied, by ``pattern_rows`` [Q] rows of ``background`` [1]. ``base`` [k] is the mean score there.

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
        "lacks": ("I32", 1),
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
        self._values = np.ascontiguousarray(arrays["values"].T)
        features = arrays["path_features"].astype(np.intp)
        self.literals = Literals.of(arrays["literal"], arrays["holds"], arrays["feature_literals"], features)
        self._patterns = arrays["path_patterns"].astype(np.intp)
        self._path = np.repeat(np.arange(len(features), dtype=np.int32), self._patterns)
        self._lacked = np.bitwise_count(arrays["lacks"]).astype(np.int16) * _SIZES  # a row of the shares
        self._weights = arrays["pattern_rows"] / arrays["background"][0]
        self._depth = int(features.max(initial=0))
        self._players = np.zeros(len(features) * self._depth, np.intp)
        places = np.arange(len(arrays["feature"])) - np.repeat(starts_of(features), features)
        self._players[np.repeat(np.arange(len(features)), features) * self._depth + places] = arrays["feature"]

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
                found[row] = self._of_row(self.literals.lacking(answers), int(columns[row]))
        return found

    def _of_row(self, lacking: npt.NDArray[np.int32], column: int) -> Floats:
        """Shapley values [p] of one row, by the bits [P] of the features that it lacks on each path.

        Where a mix reaches the leaf, X is all that the background row lacks, and Z all that the row itself lacks.
        """
        lacks = self.arrays["lacks"]
        reached = np.flatnonzero((np.repeat(lacking, self._patterns) & lacks) == 0)
        path = self._path.take(reached)
        sizes = self._lacked.take(reached) + np.bitwise_count(lacking).take(path)
        weights = self._weights.take(reached) * self._values[column].take(path)
        to_z = np.bincount(path, weights * _TO_Z.take(sizes), len(lacking))
        total = self._spread(lacks.take(reached), path, weights * _TO_X.take(sizes))
        return total + self._spread(lacking, np.arange(len(lacking)), to_z)

    def _spread(self, bits: npt.NDArray[np.int32], path: npt.NDArray[Any], shares: npt.NDArray[Any]) -> Floats:
        """Sum of ``shares`` by feature [p]: each goes to all features of its path whose bits are set."""
        total = np.zeros(self._width)
        while len(left := np.flatnonzero(bits)):
            bits, path, shares = bits.take(left), path.take(left), shares.take(left)
            lowest = bits & -bits
            features = self._players.take(path * self._depth + np.bitwise_count(lowest - 1))
            total += np.bincount(features, shares, self._width)
            bits = bits ^ lowest
        return total


@dataclass(frozen=True, slots=True, eq=False)
class Literals:
    """What the paths ask: ``branch`` [L] must answer ``holds`` [L], or ``bit`` [L] of the path's features is lacking.

    ``starts`` [P] say where the literals of each path begin.
    """

    branch: Indices
    holds: npt.NDArray[np.bool_]
    bit: npt.NDArray[np.int32]
    starts: Indices

    @classmethod
    def of(
        cls,
        branch: npt.NDArray[Any],
        holds: npt.NDArray[Any],
        feature_literals: npt.NDArray[Any],
        path_features: npt.NDArray[Any],
    ) -> "Literals":
        """Literals of paths that count features, and features that count literals."""
        places = np.arange(len(feature_literals)) - np.repeat(starts_of(path_features), path_features)
        bit = np.repeat(np.left_shift(1, places).astype(np.int32), feature_literals)
        lengths = np.add.reduceat(feature_literals, starts_of(path_features)) if len(path_features) else path_features
        return cls(branch.astype(np.intp), holds.astype(np.bool_), bit, starts_of(lengths))

    def lacking(self, answers: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
        """Bits [P] of the features of each path that a row with these ``answers`` [N] of the branches lacks."""
        if not len(self.starts):
            return np.empty(0, np.int32)
        bits: npt.NDArray[np.int32] = np.bitwise_or.reduceat(
            (answers.take(self.branch) != self.holds) * self.bit, self.starts
        )
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


def starts_of(lengths: npt.NDArray[Any]) -> Indices:
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
        and len(arrays["lacks"]) == len(arrays["pattern_rows"]) == arrays["path_patterns"].sum(dtype=np.int64)
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
    starts = starts_of(arrays["path_patterns"])
    if not len(starts):
        return bool(arrays["background"][0] >= 1)
    full = np.repeat(np.left_shift(1, arrays["path_features"].astype(np.int64)), arrays["path_patterns"])
    rows = np.add.reduceat(arrays["pattern_rows"].astype(np.int64), starts)
    named = (arrays["lacks"] >= 0) & (arrays["lacks"] < full)
    return bool(named.all() and (rows == arrays["background"][0]).all())
