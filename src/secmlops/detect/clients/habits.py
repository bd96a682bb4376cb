"""What honest requests look like to one model: how far from known rows, and how undecided."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.clients.known import SAMPLES, Known
from secmlops.detect.clients.shape import Shape
from secmlops.detect.conformal import Calibration
from secmlops.detect.detector import Rows
from secmlops.detect.encoding import Encoding
from secmlops.runtime.arrays import Array, pack, unpack
from secmlops.runtime.signature import Inputs

LEAST = 20
"""Honest rows that habits are learned from at least: with fewer, no p-value is small enough to count."""


@dataclass(frozen=True, slots=True, eq=False)
class Habits:
    """Shared by the watches of all clients of a model; every field is learned from honest rows.

    ``known`` are rows ``shape.turned``. ``distances`` calibrates their scores, ``closeness`` minus the
    absolute margins: of both a small p-value is suspicious. ``radius`` is the median distance of an honest row from
    known ones in standard deviations, column by column.
    """

    KIND: ClassVar[str] = "habits"

    encoding: Encoding
    shape: Shape
    known: Known
    distances: Calibration
    closeness: Calibration
    radius: float

    @classmethod
    def learn(
        cls, reference: Inputs, rows: Inputs, margins: npt.NDArray[np.float64], generator: np.random.Generator
    ) -> "Habits":
        """Learn from reference rows, other honest ``rows``, and the model's ``margins`` [m] on honest rows.

        A margin is how far the model is from another answer (``answers.answers``), NaN where there is none; the rows
        must be new to the model, which is surer of what it learned from. Raises InputError when there are too few.
        """
        if min(len(rows), len(margins)) < LEAST or len(reference) < SAMPLES:
            raise InputError(
                f"habits are learned from {LEAST} rows or more, {LEAST} margins, and {SAMPLES} other rows",
                hint=f"given: {len(rows)} rows, {len(margins)} margins, {len(reference)} others",
            )
        encoding = Encoding.fit(reference)
        known, honest = encoding.encode(reference), encoding.encode(rows)
        shape = Shape.of(known)
        known, honest = shape.scaled(known), shape.scaled(honest)
        radius = float(np.median(Known.drawn(known, generator).score(honest)))
        turned = Known.drawn(shape.turned(known), generator)
        distances = Calibration.of(np.concatenate([turned.score(shape.turned(honest)), turned.own()]))
        closeness = Calibration.of(-np.abs(np.nan_to_num(margins, nan=0.0)))
        return cls(encoding, shape, turned, distances, closeness, radius)

    def fits(self, numeric: int, categorical: int) -> bool:
        """Whether these are the habits of a model with so many features of each kind."""
        return (numeric, categorical) == (self.numeric, len(self.encoding.unseen))

    @property
    def numeric(self) -> int:
        """Number of numeric features: so many columns come first."""
        return len(self.encoding.medians)

    @property
    def width(self) -> int:
        """Number of columns of encoded rows."""
        return self.encoding.width

    def encode(self, inputs: Inputs) -> Rows:
        """Rows float32 [n, p] as the watch takes them; raises InputError when they have other columns."""
        return self.shape.scaled(self.encoding.encode(inputs))

    def distance(self, rows: Rows) -> npt.NDArray[np.float32]:
        """How far encoded rows are from known ones [n], which ``distances`` calibrates."""
        return self.known.score(self.shape.turned(rows))

    def indecision(self, margins: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """How undecided the model is [n], which ``closeness`` calibrates: least where there is no margin."""
        return np.fmax(-np.abs(margins), -np.inf)

    def to_bytes(self) -> bytes:
        """Everything learned."""
        stored: dict[str, Array] = {
            "encoding": np.frombuffer(self.encoding.to_bytes(), np.uint8),
            "known": self.known.rows,
        }
        scores = {"closeness": self.closeness.scores, "distances": self.distances.scores}
        return pack(self.KIND, {**self.shape.parts(), **scores, **stored, "radius": np.array([self.radius])})

    @classmethod
    def from_bytes(cls, data: bytes) -> "Habits":
        """Read what ``to_bytes`` wrote; raises VerificationError on anything else."""
        scores = ("distances", "closeness", "radius")
        shapes = {"centre": ("F32", 1), "per_unit": ("F32", 1), "turn": ("F32", 2), "tails": ("F32", 2)}
        stored = {"encoding": ("U8", 1), "known": ("F32", 2)}
        read = unpack(data, cls.KIND, {**stored, **shapes, **dict.fromkeys(scores, ("F64", 1))})
        encoding = Encoding.from_bytes(read["encoding"].tobytes())
        known = Known.of(read["known"])
        shape = Shape(*(read[name] for name in shapes))
        shape.check()
        sorted_each = all(len(read[name]) and (np.diff(read[name]) >= 0).all() for name in scores)
        widths = {encoding.width, known.rows.shape[1], len(shape.centre)}
        if not sorted_each or len(read["radius"]) != 1 or len(widths) != 1:
            raise VerificationError("the stored habits do not fit together")
        distances, closeness = (Calibration(read[name]) for name in scores[:2])
        return cls(encoding, shape, known, distances, closeness, float(read["radius"][0]))
