"""The anomaly guard: says of every row that is asked about how probable one so strange is among honest ones.

Encoding, detector and calibration in one: learned from training rows, calibrated on others that the detector never saw,
stored as one file of a release, and asked row by row at the gateway. The guarantee is that of conformal prediction: see
``conformal``.
"""

import math
from bisect import bisect_left
from itertools import cycle
from operator import getitem

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.conformal import Calibration, Threshold
from secmlops.detect.detector import Scores
from secmlops.detect.encoding import DefaultTable, Encoding
from secmlops.detect.exact_neighbours import NEIGHBOUR, ExactNeighbours, Places
from secmlops.detect.glance import Glance
from secmlops.runtime.arrays import pack, unpack
from secmlops.runtime.signature import MISSING_CATEGORY, Inputs, Signature

MAX_CALIBRATION = 50_000
"""So many, 400 KB, keep a rate of 0.1% within a third of what was set; more make the file larger, hardly better."""

_FEW = 4  # up to so many rows are judged quicker one by one than as a table
_GLANCED = 256  # up to so many rows are glanced at before they are judged
_NOT_STRANGE = np.zeros(1, np.bool_)
_NOT_STRANGE.flags.writeable = False


class Guard:
    """A fitted and calibrated detector of strange rows. ``alpha`` is the share of honest rows that it may flag.

    Every row is judged by itself: what comes with it changes nothing, not even in the last bit.
    """

    KIND = "guard"

    def __init__(self, encoding: Encoding, detector: ExactNeighbours, calibration: Calibration, alpha: float) -> None:
        if encoding.width != detector.width:
            raise VerificationError(f"the encoding makes {encoding.width} columns, the detector takes {detector.width}")
        self.encoding = encoding
        self.detector = detector
        self.calibration = calibration
        self.threshold = Threshold.at(calibration, alpha)
        self._few = _FewRows(encoding, detector)
        self._glance = Glance(detector, self.threshold.score)
        self._honest: list[float] = calibration.scores.tolist()  # a list is searched quicker than an array

    @classmethod
    def fit(cls, train: Inputs, calibration: Inputs, alpha: float, generator: np.random.Generator) -> "Guard":
        """Learn from ``train`` and calibrate on ``calibration``: rows that are not among ``train``.

        At most ``MAX_CALIBRATION`` of them are taken, drawn without replacement. Raises InputError when there are too
        few rows, or infinite numbers among them.
        """
        if len(train) < NEIGHBOUR:
            raise InputError(f"{len(train)} rows are too few for a guard", hint=f"give at least {NEIGHBOUR}")
        encoding = Encoding.fit(train)
        detector = ExactNeighbours.fit(encoding.encode(train), generator)
        kept = calibration.take(generator.permutation(len(calibration))[:MAX_CALIBRATION])
        return cls(encoding, detector, Calibration.of(detector.score(encoding.encode(kept))), alpha)

    @property
    def alpha(self) -> float:
        """Share of honest rows that may be flagged."""
        return self.threshold.alpha

    def scores(self, inputs: Inputs) -> Scores:
        """Scores float64 [n]; larger is stranger. Raises InputError on other numbers of columns."""
        few = self._few.scores(inputs)
        return np.array(few) if few else self.detector.score(self.encoding.encode(inputs))

    def p_values(self, inputs: Inputs) -> npt.NDArray[np.float64]:
        """P-value in (0, 1] of each row, float64 [n]: the share of honest rows, itself included, at least as strange.

        Raises InputError on other numbers of columns.
        """
        score, honest = self._few.score(inputs), self._honest
        if score >= 0:
            return np.array([(len(honest) - bisect_left(honest, score) + 1) / (len(honest) + 1)])
        return self.calibration.p_values(self.scores(inputs))

    def flags(self, inputs: Inputs) -> npt.NDArray[np.bool_]:
        """Which rows are flagged, bool [n]: those whose p-value is at most ``alpha``."""
        rows = len(inputs.numeric)
        if not self._glance.helps or not 0 < rows <= _GLANCED or not self._few.fits(inputs):
            return self.threshold.flags(self.scores(inputs))
        if rows == 1:
            near = self._glance.near(self._few.place(inputs.numeric[0], inputs.categorical[0]))
            return _NOT_STRANGE if near else self.threshold.flags(self.scores(inputs))
        flags = self._glance.doubted(self._few.places(inputs))
        doubted = np.flatnonzero(flags)
        if len(doubted):
            flags[doubted] = self.threshold.flags(self.scores(inputs.take(doubted)))
        return flags

    def check_fits(self, signature: Signature) -> None:
        """Return when the guard takes the inputs of ``signature``; raises VerificationError otherwise."""
        own = len(self.encoding.medians), len(self.encoding.unseen)
        if own != (theirs := (len(signature.numeric), len(signature.categorical))):
            raise VerificationError(
                f"the guard takes {own[0]} numeric and {own[1]} categorical features, the model {theirs[0]} and "
                f"{theirs[1]}",
                hint="it is the guard of another model",
            )

    def to_bytes(self) -> bytes:
        """Everything learned."""
        return pack(
            self.KIND,
            {
                "alpha": np.array([self.alpha]),
                "calibration": self.calibration.scores,
                "detector": np.frombuffer(self.detector.to_bytes(), np.uint8),
                "encoding": np.frombuffer(self.encoding.to_bytes(), np.uint8),
            },
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "Guard":
        """Read what ``to_bytes`` wrote; raises VerificationError on anything else."""
        expected = {"alpha": ("F64", 1), "calibration": ("F64", 1), "detector": ("U8", 1), "encoding": ("U8", 1)}
        read = unpack(data, cls.KIND, expected)
        scores = read["calibration"]
        if len(read["alpha"]) != 1 or not len(scores) or (np.diff(scores) < 0).any():
            raise VerificationError("the stored guard has no rate, or a calibration that is empty or not sorted")
        encoding = Encoding.from_bytes(read["encoding"].tobytes())
        detector = ExactNeighbours.from_bytes(read["detector"].tobytes())
        try:
            return cls(encoding, detector, Calibration(scores), float(read["alpha"][0]))
        except InputError as error:
            raise VerificationError(f"the stored guard does not fit together: {error.what}") from None


class _FewRows:
    """Scores of a few rows, one after the other: the same numbers as those of a table of them, several times sooner."""

    def __init__(self, encoding: Encoding, detector: ExactNeighbours) -> None:
        self._encoding, self._detector = encoding, detector
        numbers, texts = len(encoding.medians), len(encoding.unseen)
        self._numeric, self._categorical = (1, numbers), (1, texts)
        self._numbers, self._texts = slice(numbers), slice(numbers, numbers + texts)
        self._centre, self._per_unit = detector.centre[self._numbers], detector.per_unit[self._numbers]
        self._steps = [self._step(place) for place in range(texts)]
        nothing = Inputs(np.zeros(self._numeric, np.float32), np.full(self._categorical, MISSING_CATEGORY, object))
        self._usual: Places = detector.places(encoding.encode(nothing))[0]

    def _step(self, place: int) -> DefaultTable:
        """Places on the grid of the categories of one feature."""
        known, column = self._encoding.categories[place], self._numeric[1] + place
        rows = np.zeros((len(known) + 1, self._encoding.width), np.float32)
        rows[:, column] = [*known.values(), self._encoding.unseen[place]]
        *steps, unseen = self._detector.places(rows)[:, column].tolist()
        return DefaultTable(dict(zip(known, steps, strict=True)), unseen)

    def fits(self, inputs: Inputs) -> bool:
        """Whether the rows have the columns that were learned from."""
        widths: tuple[int, ...] = inputs.numeric.shape[1:] + inputs.categorical.shape[1:]
        return widths == self._numeric[1:] + self._categorical[1:]

    def place(self, numbers: npt.NDArray[np.float32], texts: npt.NDArray[np.object_]) -> Places:
        """Place of one row on the grid, NaN where a number is missing; farther off than the grid reaches, too."""
        place = self._usual.copy()
        self._put(place[self._numbers], numbers)
        if self._steps:
            place[self._texts] = tuple(map(getitem, self._steps, texts))
        return place

    def places(self, inputs: Inputs) -> Places:
        """Places [n, p + 1] of some rows, as those of each."""
        places = np.empty((len(inputs), len(self._usual)))
        places[:] = self._usual
        self._put(places[:, self._numbers], inputs.numeric)
        if self._steps:
            texts = inputs.categorical.ravel().tolist()
            steps = np.fromiter(map(getitem, cycle(self._steps), texts), np.float64, len(texts))
            places[:, self._texts] = steps.reshape(len(inputs), -1)
        return places

    def score(self, inputs: Inputs) -> float:
        """Score of the only row; NaN when there are more, or none, or other columns, or it lies very far off."""
        numeric, categorical = inputs.numeric, inputs.categorical
        if numeric.shape == self._numeric and categorical.shape == self._categorical:
            return self._score(numeric[0], categorical[0])
        return math.nan

    def scores(self, inputs: Inputs) -> list[float]:
        """Score of each row; empty when a table must tell: there are more, other columns, or one lies very far off."""
        if len(inputs) > _FEW or not self.fits(inputs):
            return []
        scores = list(map(self._score, inputs.numeric, inputs.categorical))
        return scores if all(score >= 0 for score in scores) else []

    def _score(self, numbers: npt.NDArray[np.float32], texts: npt.NDArray[np.object_]) -> float:
        """Score of one row, or NaN."""
        place = self.place(numbers, texts)
        score = self._detector.score_of(place)
        return score if score >= 0 else self._score_without_the_missing(place, numbers)

    def _put(self, places: Places, numbers: npt.NDArray[np.float32]) -> None:
        """Fill in the coordinates of the numeric features."""
        np.subtract(numbers, self._centre, places)
        places *= self._per_unit
        np.rint(places, places)

    def _score_without_the_missing(self, place: Places, numbers: npt.NDArray[np.float32]) -> float:
        """Score of a row that misses numbers; NaN when that is not what kept it from having one."""
        missing = np.isnan(numbers)
        if not missing.any():
            return math.nan
        place[-2] = self._detector.place_of(self._encoding.missing(missing[None]).item(), -1)
        self._put(place[self._numbers], np.where(missing, self._encoding.arrays[0], numbers))
        return self._detector.score_of(place)
