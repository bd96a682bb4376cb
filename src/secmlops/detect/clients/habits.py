"""What honest requests look like to one model: how far from known rows, and how undecided."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.conformal import Calibration
from secmlops.detect.detector import Rows
from secmlops.detect.encoding import Encoding
from secmlops.detect.neighbours import NEIGHBOURS, Neighbours
from secmlops.runtime.arrays import pack, unpack
from secmlops.runtime.signature import Inputs

LEAST = 20
"""Honest rows that habits are learned from at least: with fewer, no p-value is small enough to count."""


@dataclass(frozen=True, slots=True, eq=False)
class Habits:
    """Shared by the watches of all clients of a model; every field is learned from honest rows.

    ``distances`` calibrates the scores of ``neighbours``, ``closeness`` minus the absolute margins: of both a
    small p-value is suspicious.
    """

    KIND: ClassVar[str] = "habits"

    encoding: Encoding
    neighbours: Neighbours
    distances: Calibration
    closeness: Calibration

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
        neighbours = Neighbours.fit(encoding.encode(reference), generator)
        closeness = -np.abs(np.nan_to_num(margins, nan=0.0))
        return cls(
            encoding, neighbours, Calibration.of(neighbours.score(encoding.encode(rows))), Calibration.of(closeness)
        )

    @property
    def radius(self) -> float:
        """Median distance of an honest row from known ones, in standard deviations."""
        return float(np.median(self.distances.scores))

    def fits(self, numeric: int, categorical: int) -> bool:
        """Whether these are the habits of a model with so many features of each kind."""
        return (numeric, categorical) == (len(self.encoding.medians), len(self.encoding.unseen))

    def encode(self, inputs: Inputs) -> Rows:
        """Rows float32 [n, p] as the watch takes them; raises InputError when they have other columns."""
        return self.encoding.encode(inputs)

    def to_bytes(self) -> bytes:
        """Everything learned."""
        parts = {"encoding": self.encoding.to_bytes(), "neighbours": self.neighbours.to_bytes()}
        stored = {name: np.frombuffer(part, np.uint8) for name, part in parts.items()}
        return pack(self.KIND, {"closeness": self.closeness.scores, "distances": self.distances.scores, **stored})

    @classmethod
    def from_bytes(cls, data: bytes) -> "Habits":
        """Read what ``to_bytes`` wrote; raises VerificationError on anything else."""
        scores, parts = ("distances", "closeness"), ("encoding", "neighbours")
        read = unpack(data, cls.KIND, {**dict.fromkeys(parts, ("U8", 1)), **dict.fromkeys(scores, ("F64", 1))})
        encoding = Encoding.from_bytes(read["encoding"].tobytes())
        neighbours = Neighbours.from_bytes(read["neighbours"].tobytes())
        sorted_each = all(len(read[name]) and (np.diff(read[name]) >= 0).all() for name in scores)
        if not sorted_each or encoding.width != neighbours.width:
            raise VerificationError("the stored habits do not fit together")
        return cls(encoding, neighbours, *(Calibration(read[name]) for name in scores))
