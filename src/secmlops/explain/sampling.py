"""Sampled Shapley values of any model: answers to mixes of the explained row and a background row, for coalitions.

With each background row the features play a game of their own: those of a coalition are the explained row's, the others
the background row's. Which coalitions are asked about is the same for all background rows but for the names of the
features, which are drawn; features that are the same in both rows do not play. All mixed rows of one explanation go to
the model in one call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import VerificationError
from secmlops.explain.coalitions import Design, design
from secmlops.explain.explanation import Floats, Indices, Scale, on_scale
from secmlops.runtime.signature import FeatureKind, Inputs, Signature

MAX_ROWS = 50
"""Background rows that are played with, at most."""
MAX_CELLS = 4_000_000
"""Of the mixed rows of one explanation: with many features fewer background rows are played with."""
LEAST_ROWS = 4
MAX_WALKS = 16
_BATCH = 8_000
"""Mixed rows that go to the model in one call, about: several explanations together where they are small."""


@dataclass(frozen=True, slots=True, eq=False)
class _Games:
    """Games with the background rows at ``places`` [g]: in each, d features [g, d] play and ask by one design."""

    places: Indices
    players: Indices
    design: Design

    def mixed(self, features: int) -> npt.NDArray[np.bool_]:
        """Which features [g, 2, m, p] are the explained row's, by coalitions and then by their complements."""
        taken = np.zeros((len(self.places), 2, len(self.design.coalitions), features), np.bool_)
        both = np.stack([self.design.coalitions, ~self.design.coalitions])
        np.put_along_axis(taken, self.players[:, None, None, :], both[None], axis=3)
        return taken


class Predicts(Protocol):
    """What answers for the model."""

    def predict(self, inputs: Inputs, /) -> Floats:
        """Answers [n, k]."""
        ...


def walked_rows(features: int, walks: int = 1) -> int:
    """Return how many background rows are played with, so many walks' worth each, for a model of so many features."""
    return min(MAX_ROWS, max(LEAST_ROWS, MAX_CELLS // (2 * walks * max(features, 1) ** 2)))


class Walks:
    """Background rows of ``numeric`` [b, p] and ``categorical`` codes [b, q] into ``texts``, each with its names.

    ``missing`` [b, p] marks numbers that are not there. ``seed`` says by which names the features play: the same row
    gets the same explanation. A second number beside it says that each row is asked as much about as so many walks
    through all features and back would, if more than one.
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
        self._numeric = [i for i, f in enumerate(signature.features) if f.kind is FeatureKind.NUMERIC]
        self._categorical = [i for i, f in enumerate(signature.features) if f.kind is FeatureKind.CATEGORICAL]
        generator, self._walks = np.random.default_rng(int(arrays["seed"][0])), _walks(arrays)
        self._orders = generator.permuted(np.tile(np.arange(features), (len(numeric), 1)), axis=1)
        self._together = max(1, _BATCH // max(self.evaluations, 1))

    @classmethod
    def through(cls, background: Inputs, signature: Signature, seed: int, walks: int = 1) -> "Walks":
        """Games with ``background``, of at most as many rows as are asked about so much for so many features."""
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
        rows, features = len(self._orders), int(self._orders.shape[1])
        return int(2 * rows * len(design(features, self._walks).coalitions)) if features else 0

    def contributions(
        self, inputs: Inputs, columns: Indices, model: Predicts, scale: Scale
    ) -> tuple[Floats, Floats, Floats]:
        """Base [n], Shapley values [n, p] of the ``columns`` [n] of the model's answers, and standard errors [n, p].

        The errors are those of the mean over background rows: they include that other rows might have been drawn.
        """
        usual = model.predict(self.background)
        base, (found, error) = np.zeros(len(inputs)), np.zeros((2, len(inputs), self._orders.shape[1]))
        for start in range(0, len(inputs), self._together):
            rows = range(start, min(start + self._together, len(inputs)))
            asked = [self._asked(inputs, row) for row in rows]
            answers = model.predict(_joined([inputs.take(slice(rows.start, rows.stop)), *(mix for mix, _ in asked)]))
            ends = np.cumsum([len(rows), *(len(mix) for mix, _ in asked)])
            for place, (row, (_, games)) in enumerate(zip(rows, asked, strict=True)):
                one, column = answers[[place]], int(columns[row])
                told = np.concatenate([usual, one, answers[ends[place] : ends[place + 1]]])
                scores = on_scale(scale, told, np.full(len(told), column, np.intp))
                base[row] = scores[: len(usual)].mean()
                found[row], error[row] = self._averaged(scores, games)
        return base, found, error

    def _asked(self, inputs: Inputs, row: int) -> tuple[Inputs, list[_Games]]:
        """What the model is to be asked about one row: mixed rows, game by game.

        Where a feature is the same in both rows its switch changes nothing, and nothing is asked.
        """
        own, features = inputs.take(slice(row, row + 1)), self._orders.shape[1]
        differs = np.take_along_axis(self._differs(own), self._orders, axis=1)
        counts = differs.sum(axis=1)
        games = []
        for count in np.unique(counts[counts > 0]).tolist():
            places = np.flatnonzero(counts == count)
            players = self._orders[places][differs[places]].reshape(len(places), count)
            games.append(_Games(places, players, design(count, self._walks)))
        mixed = [game.mixed(features).reshape(-1, features) for game in games]
        taken = np.concatenate([np.empty((0, features), np.bool_), *mixed])
        rest = [game.places.repeat(2 * len(game.design.coalitions)) for game in games]
        usual = self.background.take(np.concatenate([np.empty(0, np.intp), *rest]))
        numeric = np.where(taken[:, self._numeric], own.numeric, usual.numeric)
        texts = np.where(taken[:, self._categorical], own.categorical, usual.categorical)
        return Inputs(numeric, texts), games

    def _differs(self, own: Inputs) -> npt.NDArray[np.bool_]:
        """Which features [b, p] of the background are not those of the row."""
        usual = self.background
        differs = np.empty((len(usual), self._orders.shape[1]), np.bool_)
        missing = np.isnan(usual.numeric) & np.isnan(own.numeric)
        differs[:, self._numeric] = (usual.numeric != own.numeric) & ~missing
        differs[:, self._categorical] = usual.categorical != own.categorical
        return differs

    def _averaged(self, scores: Floats, games: Sequence[_Games]) -> tuple[Floats, Floats]:
        """Mean Shapley values [p] of the games by ``scores`` of background, row and mixed rows, and standard errors."""
        rows, features = len(self.background), int(self._orders.shape[1])
        values, begin = np.zeros((rows, features)), rows + 1
        for game in games:
            pairs = len(game.design.coalitions)
            end = begin + 2 * pairs * len(game.places)
            asked = scores[begin:end].reshape(len(game.places), 2, pairs)
            whole = scores[rows] - scores[game.places]
            gaps = np.concatenate([whole[:, None], asked[:, 0] - asked[:, 1]], axis=1)
            values[game.places[:, None], game.players] = gaps @ game.design.weights
            begin = end
        error = values.std(axis=0, ddof=1) / np.sqrt(rows) if rows > 1 else np.zeros(features)
        return values.mean(axis=0), error


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
