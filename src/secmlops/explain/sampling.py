"""Sampled Shapley values of any model: features switch from a background row to the explained one, in random orders.

Each background row is walked in one random order of the features and in its reverse; the two errors tend to cancel
(antithetic sampling: Mitchell, Cooper, Frank and Holmes, "Sampling Permutations for Shapley Value Estimation", 2022).
All mixed rows of one explanation go to the model in one call, each different one once.
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
MAX_WALKS = 16
_BATCH = 8_000
"""Mixed rows that go to the model in one call, about: several explanations together where they are small."""


class Predicts(Protocol):
    """What answers for the model."""

    def predict(self, inputs: Inputs, /) -> Floats:
        """Answers [n, k]."""
        ...


def walked_rows(features: int, walks: int = 1) -> int:
    """Return how many background rows are walked, so many times each, for a model of so many features."""
    return min(MAX_ROWS, max(LEAST_ROWS, MAX_CELLS // (2 * walks * max(features, 1) ** 2)))


class Walks:
    """Background rows of ``numeric`` [b, p] and ``categorical`` codes [b, q] into ``texts``, each with its orders.

    ``missing`` [b, p] marks numbers that are not there. ``seed`` says in which orders the features switch: the same row
    gets the same explanation. A second number beside it is how often each row is walked, and back, if more than once.
    Raises VerificationError when the parts do not fit together.
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
        generator, walks = np.random.default_rng(int(arrays["seed"][0])), _walks(arrays)
        self._numeric = [i for i, f in enumerate(signature.features) if f.kind is FeatureKind.NUMERIC]
        self._categorical = [i for i, f in enumerate(signature.features) if f.kind is FeatureKind.CATEGORICAL]
        orders = generator.permuted(np.tile(np.arange(features), (len(numeric), walks, 1)), axis=2)
        self._orders = np.concatenate([orders, orders[:, :, ::-1]], axis=1)
        self._turns = np.argsort(self._orders, axis=2)  # when each feature switches
        self._together = max(1, _BATCH // self._orders.size)

    @classmethod
    def through(cls, background: Inputs, signature: Signature, seed: int, walks: int = 1) -> "Walks":
        """Walks through ``background``, of at most as many rows as are walked so often for so many features."""
        rows = background.take(slice(walked_rows(len(signature.features), walks)))
        texts = sorted(set(rows.categorical.ravel().tolist()))
        codes = {text: code for code, text in enumerate(texts)}
        missing = np.isnan(rows.numeric)
        coded = [[codes[text] for text in row] for row in rows.categorical.tolist()]
        arrays: dict[str, npt.NDArray[Any]] = {
            "numeric": np.where(missing, np.float32(0), rows.numeric).astype(np.float32),
            "missing": missing.astype(np.uint8),
            "categorical": np.array(coded, np.int32).reshape(rows.categorical.shape),
            "seed": np.array([seed] if walks == 1 else [seed, walks], np.int64),
        }
        return cls(arrays, texts, signature)

    @property
    def evaluations(self) -> int:
        """How many rows the model answers for one explanation at most, beside the row itself and the background."""
        return int(self._orders[:, :, 1:].size)

    def contributions(
        self, inputs: Inputs, columns: Indices, model: Predicts, scale: Scale
    ) -> tuple[Floats, Floats, Floats]:
        """Base [n], Shapley values [n, p] of the ``columns`` [n] of the model's answers, and standard errors [n, p].

        The errors are those of the mean over background rows: they include that other rows might have been drawn.
        """
        usual = model.predict(self.background)
        base, (found, error) = np.zeros(len(inputs)), np.zeros((2, len(inputs), self._orders.shape[2]))
        for start in range(0, len(inputs), self._together):
            rows = range(start, min(start + self._together, len(inputs)))
            asked = [self._asked(inputs, row) for row in rows]
            answers = model.predict(_joined([inputs.take(slice(rows.start, rows.stop)), *(mix for mix, _ in asked)]))
            ends = np.cumsum([len(rows), *(len(mix) for mix, _ in asked)])
            for place, (row, (_, passed)) in enumerate(zip(rows, asked, strict=True)):
                one, column = answers[[place]], int(columns[row])
                told = np.concatenate([usual, one, answers[ends[place] : ends[place + 1]]])
                scores = on_scale(scale, told, np.full(len(told), column, np.intp))
                base[row] = scores[: len(usual)].mean()
                found[row], error[row] = self._averaged(scores[passed])
        return base, found, error

    def _asked(self, inputs: Inputs, row: int) -> tuple[Inputs, Indices]:
        """What the model is to be asked about one row, and which answers the walks [b, w, p + 1] pass through.

        Answers are counted from those of the background, then of the row itself, then of the mixed rows. Where a
        feature is the same in both rows its switch changes nothing, and nothing is asked.
        """
        own = inputs.take(slice(row, row + 1))
        rows = len(self.background)
        changes = np.take_along_axis(self._differs(own)[:, None, :], self._orders, axis=2)
        changed = changes.cumsum(axis=2)
        inner = changes & (changed < changed[:, :, -1:])
        numbers = rows + inner.cumsum().reshape(inner.shape)
        before = numbers[:, :, -1:] - inner.sum(axis=2, keepdims=True)
        passed = np.where(changed == changed[:, :, -1:], rows, before + changed)
        passed = np.where(changed == 0, np.arange(rows)[:, None, None], passed)
        first = np.broadcast_to(np.arange(rows)[:, None, None], (*passed.shape[:2], 1))
        walk, way, step = np.nonzero(inner)
        switched = self._turns[walk, way] <= step[:, None]
        numeric = np.where(switched[:, self._numeric], own.numeric, self.background.numeric[walk])
        texts = np.where(switched[:, self._categorical], own.categorical, self.background.categorical[walk])
        return Inputs(numeric, texts), np.concatenate([first, passed], axis=2)

    def _differs(self, own: Inputs) -> npt.NDArray[np.bool_]:
        """Which features [b, p] of the background are not those of the row."""
        usual = self.background
        differs = np.empty((len(usual), self._orders.shape[2]), np.bool_)
        missing = np.isnan(usual.numeric) & np.isnan(own.numeric)
        differs[:, self._numeric] = (usual.numeric != own.numeric) & ~missing
        differs[:, self._categorical] = usual.categorical != own.categorical
        return differs

    def _averaged(self, scores: Floats) -> tuple[Floats, Floats]:
        """Mean steps [p] of the walks' ``scores`` [b, w, p + 1], and their standard errors [p]."""
        steps = np.take_along_axis(np.diff(scores, axis=2), self._turns, axis=2).mean(axis=1)
        error = steps.std(axis=0, ddof=1) / np.sqrt(len(steps)) if len(steps) > 1 else np.zeros(steps.shape[1])
        return steps.mean(axis=0), error


def _joined(parts: Sequence[Inputs]) -> Inputs:
    return Inputs(
        np.concatenate([part.numeric for part in parts]), np.concatenate([part.categorical for part in parts])
    )


def _check(arrays: Mapping[str, npt.NDArray[Any]], texts: int, signature: Signature) -> None:
    """Raise VerificationError for parts that do not fit together, or the signature."""
    rows = len(arrays["numeric"])
    fits = (
        len(arrays["seed"]) in {1, 2}
        and 1 <= _walks(arrays) <= MAX_WALKS
        and 1 <= rows <= walked_rows(len(signature.features), _walks(arrays))
        and arrays["numeric"].shape == arrays["missing"].shape == (rows, len(signature.numeric))
        and arrays["categorical"].shape == (rows, len(signature.categorical))
        and arrays["seed"][0] >= 0
    )
    codes = arrays["categorical"]
    if not fits or (codes.size and not 0 <= codes.min() <= codes.max() < texts):
        raise VerificationError("the stored background rows do not fit together")


def _walks(arrays: Mapping[str, npt.NDArray[Any]]) -> int:
    return int(arrays["seed"][1]) if len(arrays["seed"]) == 2 else 1
