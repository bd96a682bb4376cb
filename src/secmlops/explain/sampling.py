"""Sampled Shapley values of any model: features switch from a background row to the explained one, in random orders.

Each background row is walked in one random order of the features and in its reverse; the two errors tend to cancel
(antithetic sampling: Mitchell, Cooper, Frank and Holmes, "Sampling Permutations for Shapley Value Estimation", 2022).
All mixed rows of one explanation go to the model in one call.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import VerificationError
from secmlops.explain.explanation import Floats, Indices, Scale, on_scale
from secmlops.runtime.signature import FeatureKind, Inputs, Signature

MAX_ROWS = 50
"""Background rows that are walked, at most."""
MAX_CELLS = 4_000_000
"""Of the mixed rows of one explanation: with many features fewer background rows are walked."""
LEAST_ROWS = 4


class Predicts(Protocol):
    """What answers for the model."""

    def predict(self, inputs: Inputs, /) -> Floats:
        """Answers [n, k]."""
        ...


def walked_rows(features: int) -> int:
    """Return how many background rows are walked for a model of so many features."""
    return min(MAX_ROWS, max(LEAST_ROWS, MAX_CELLS // (2 * max(features, 1) ** 2)))


class Walks:
    """Background rows of ``numeric`` [b, p] and ``categorical`` codes [b, q] into ``texts``, each with an order.

    ``missing`` [b, p] marks numbers that are not there. ``seed`` says in which orders the features switch: the same row
    gets the same explanation. Raises VerificationError when the parts do not fit together.
    """

    LAYOUT: ClassVar[Mapping[str, tuple[str, int]]] = {
        "numeric": ("F32", 2),
        "missing": ("U8", 2),
        "categorical": ("I32", 2),
        "seed": ("I64", 1),
    }

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]], texts: Sequence[str], signature: Signature) -> None:
        self.arrays, self.texts = arrays, tuple(texts)
        _check(arrays, len(texts), signature)
        numeric = np.where(arrays["missing"] == 1, np.float32(np.nan), arrays["numeric"])
        words = np.array([*texts, ""], object)
        self.background = Inputs(numeric, words[arrays["categorical"]])
        features = len(signature.features)
        generator = np.random.default_rng(int(arrays["seed"][0]))
        self._numeric = [i for i, f in enumerate(signature.features) if f.kind is FeatureKind.NUMERIC]
        self._categorical = [i for i, f in enumerate(signature.features) if f.kind is FeatureKind.CATEGORICAL]
        orders = generator.permuted(np.tile(np.arange(features), (len(numeric), 1)), axis=1)
        self._turns = np.argsort(np.stack([orders, orders[:, ::-1]], axis=1), axis=2)  # when each feature switches
        self._switched = self._turns[:, :, None, :] <= np.arange(features - 1)[:, None]

    @classmethod
    def through(cls, background: Inputs, signature: Signature, seed: int) -> "Walks":
        """Walks through ``background``, of at most as many rows as are walked for so many features."""
        rows = background.take(slice(walked_rows(len(signature.features))))
        texts = sorted(set(rows.categorical.ravel().tolist()))
        codes = {text: code for code, text in enumerate(texts)}
        missing = np.isnan(rows.numeric)
        coded = [[codes[text] for text in row] for row in rows.categorical.tolist()]
        arrays: dict[str, npt.NDArray[Any]] = {
            "numeric": np.where(missing, np.float32(0), rows.numeric).astype(np.float32),
            "missing": missing.astype(np.uint8),
            "categorical": np.array(coded, np.int32).reshape(rows.categorical.shape),
            "seed": np.array([seed], np.int64),
        }
        return cls(arrays, texts, signature)

    @property
    def evaluations(self) -> int:
        """How many rows the model answers for one explanation, beside the row itself and the background."""
        return int(np.prod(self._switched.shape[:3]))

    def base(self, model: Predicts, scale: Scale, columns: Indices) -> Floats:
        """Mean over the background [n] of the columns [n] of the model's answers, on ``scale``."""
        answers = model.predict(self.background)
        kinds, places = np.unique(columns, return_inverse=True)
        means = [on_scale(scale, answers, np.full(len(answers), kind)).mean() for kind in kinds]
        return np.array(means, np.float64)[places]

    def contributions(self, row: Inputs, column: int, model: Predicts, scale: Scale) -> tuple[Floats, Floats]:
        """Shapley values [p] of the ``column`` of the model's answer to one row, and their standard errors [p].

        The errors are those of the mean over background rows: they include that other rows might have been drawn.
        """
        ends = Inputs(
            np.concatenate([self.background.numeric, row.numeric]),
            np.concatenate([self.background.categorical, row.categorical]),
        )
        mixed = self._mixed(row)
        answers = model.predict(
            Inputs(np.concatenate([ends.numeric, mixed.numeric]), np.concatenate([ends.categorical, mixed.categorical]))
        )
        scores = on_scale(scale, answers, np.full(len(answers), column, np.intp))
        rows = len(self.background)
        first, last, inner = scores[:rows], scores[rows], scores[rows + 1 :]
        walks = np.empty((*self._turns.shape[:2], self._turns.shape[2] + 1))
        walks[:, :, 0], walks[:, :, -1] = first[:, None], last
        walks[:, :, 1:-1] = inner.reshape(walks.shape[0], 2, -1)
        steps = np.take_along_axis(np.diff(walks, axis=2), self._turns, axis=2).mean(axis=1)
        error = steps.std(axis=0, ddof=1) / np.sqrt(rows) if rows > 1 else np.zeros(steps.shape[1])
        return steps.mean(axis=0), error

    def _mixed(self, row: Inputs) -> Inputs:
        """Every mix of ``row`` with a background row that a walk passes through."""
        walks, directions, steps, features = self._switched.shape
        switched = self._switched.reshape(-1, features)
        owner = np.repeat(np.arange(walks), directions * steps)
        numeric = np.where(switched[:, self._numeric], row.numeric, self.background.numeric[owner])
        texts = np.where(switched[:, self._categorical], row.categorical, self.background.categorical[owner])
        return Inputs(numeric, texts)


def _check(arrays: Mapping[str, npt.NDArray[Any]], texts: int, signature: Signature) -> None:
    """Raise VerificationError for parts that do not fit together, or the signature."""
    rows = len(arrays["numeric"])
    fits = (
        1 <= rows <= walked_rows(len(signature.features))
        and arrays["numeric"].shape == arrays["missing"].shape == (rows, len(signature.numeric))
        and arrays["categorical"].shape == (rows, len(signature.categorical))
        and len(arrays["seed"]) == 1
        and arrays["seed"][0] >= 0
    )
    codes = arrays["categorical"]
    if not fits or (codes.size and not 0 <= codes.min() <= codes.max() < texts):
        raise VerificationError("the stored background rows do not fit together")
