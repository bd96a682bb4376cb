"""What honest requests look like to one model: how far from known rows, and how undecided."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.clients.shape import Shape
from secmlops.detect.conformal import Calibration
from secmlops.detect.detector import Rows
from secmlops.detect.encoding import Encoding
from secmlops.detect.neighbours import NEIGHBOURS, Neighbours
from secmlops.runtime.arrays import pack, unpack
from secmlops.runtime.signature import Inputs

LEAST = 20
"""Honest rows that habits are learned from at least: with fewer, no p-value is small enough to count."""


_REFERENCES = 512  # known rows that each request is compared with


@dataclass(frozen=True, slots=True, eq=False)
class Habits:
    """Shared by the watches of all clients of a model; every field is learned from honest rows.

    ``neighbours`` are among rows ``shape.turned``. ``distances`` calibrates their scores, ``closeness`` minus the
    absolute margins: of both a small p-value is suspicious. ``radius`` is the median distance of an honest row from
    known ones in standard deviations, column by column.
    """

    KIND: ClassVar[str] = "habits"

    encoding: Encoding
    shape: Shape
    neighbours: Neighbours
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
        if min(len(rows), len(margins)) < LEAST or len(reference) <= NEIGHBOURS:
            raise InputError(
                f"habits are learned from {LEAST} rows or more, {LEAST} margins, and more than {NEIGHBOURS} other rows",
                hint=f"given: {len(rows)} rows, {len(margins)} margins, {len(reference)} others",
            )
        encoding = Encoding.fit(reference)
        known, honest = encoding.encode(reference), encoding.encode(rows)
        shape = Shape.of(known)
        known, honest = shape.scaled(known), shape.scaled(honest)
        radius = float(np.median(Neighbours.fit(known, generator).score(honest)))
        neighbours = Neighbours.fit(shape.turned(known), generator, _REFERENCES)
        distances = Calibration.of(neighbours.score(shape.turned(honest)))
        closeness = Calibration.of(-np.abs(np.nan_to_num(margins, nan=0.0)))
        return cls(encoding, shape, neighbours, distances, closeness, radius)

    def fits(self, numeric: int, categorical: int) -> bool:
        """Whether these are the habits of a model with so many features of each kind."""
        return (numeric, categorical) == (self.numeric, len(self.encoding.unseen))

    @property
    def numeric(self) -> int:
        """Number of numeric features: so many columns come first."""
        return len(self.encoding.medians)

    def encode(self, inputs: Inputs) -> Rows:
        """Rows float32 [n, p] as the watch takes them; raises InputError when they have other columns."""
        return self.shape.scaled(self.encoding.encode(inputs))

    def distance(self, rows: Rows) -> npt.NDArray[np.float64]:
        """How far encoded rows are from known ones [n]."""
        return self.neighbours.score(self.shape.turned(rows))

    def strangeness(self, rows: Rows) -> npt.NDArray[np.float64]:
        """P-values [n] of how far encoded rows are from known ones: small is strange."""
        return self.distances.p_values(self.distance(rows))

    def indecision(self, margins: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """P-values [n] of how undecided the model is: small is undecided; 1 where there is no margin."""
        return np.where(np.isnan(margins), 1.0, self.closeness.p_values(-np.abs(margins)))

    def to_bytes(self) -> bytes:
        """Everything learned."""
        parts = {"encoding": self.encoding.to_bytes(), "neighbours": self.neighbours.to_bytes()}
        stored = {name: np.frombuffer(part, np.uint8) for name, part in parts.items()}
        scores = {"closeness": self.closeness.scores, "distances": self.distances.scores}
        return pack(self.KIND, {**self.shape.parts(), **scores, **stored, "radius": np.array([self.radius])})

    @classmethod
    def from_bytes(cls, data: bytes) -> "Habits":
        """Read what ``to_bytes`` wrote; raises VerificationError on anything else."""
        scores = ("distances", "closeness", "radius")
        shapes = {"centre": ("F32", 1), "per_unit": ("F32", 1), "turn": ("F32", 2), "tails": ("F32", 2)}
        stored = dict.fromkeys(("encoding", "neighbours"), ("U8", 1))
        read = unpack(data, cls.KIND, {**stored, **shapes, **dict.fromkeys(scores, ("F64", 1))})
        encoding = Encoding.from_bytes(read["encoding"].tobytes())
        neighbours = Neighbours.from_bytes(read["neighbours"].tobytes())
        shape = Shape(*(read[name] for name in shapes))
        shape.check()
        sorted_each = all(len(read[name]) and (np.diff(read[name]) >= 0).all() for name in scores)
        if not sorted_each or len(read["radius"]) != 1 or not encoding.width == neighbours.width == len(shape.centre):
            raise VerificationError("the stored habits do not fit together")
        distances, closeness = (Calibration(read[name]) for name in scores[:2])
        return cls(encoding, shape, neighbours, distances, closeness, float(read["radius"][0]))
