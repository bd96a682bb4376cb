"""What honest requests look like to one model: how far from known rows, and how undecided."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.conformal import Calibration
from secmlops.detect.detector import Rows
from secmlops.detect.neighbours import Neighbours
from secmlops.runtime.arrays import pack, unpack

_LEAST = 20  # honest rows: with fewer, no p-value is small enough to count


@dataclass(frozen=True, slots=True, eq=False)
class Habits:
    """Shared by the watches of all clients of a model; every field is learned from honest rows.

    ``distances`` calibrates the scores of ``neighbours``, ``closeness`` minus the absolute margins: of both a
    small p-value is suspicious.
    """

    KIND: ClassVar[str] = "habits"

    neighbours: Neighbours
    distances: Calibration
    closeness: Calibration

    @classmethod
    def learn(cls, neighbours: Neighbours, rows: Rows, margins: npt.NDArray[np.float64]) -> "Habits":
        """Learn from honest rows [n, p] that ``neighbours`` has not learned from, and the model's margins on them [n].

        A margin is how far the model is from another answer, such as probability less threshold; 0 throughout where
        there is none. Raises InputError when the lengths differ or are too small.
        """
        if len(rows) != len(margins) or len(rows) < _LEAST:
            raise InputError(f"habits are learned from {_LEAST} rows or more, with a margin each, not {len(rows)}")
        return cls(neighbours, Calibration.of(neighbours.score(rows)), Calibration.of(-np.abs(margins)))

    @property
    def radius(self) -> float:
        """Median distance of an honest row from known ones, in standard deviations."""
        return float(np.median(self.distances.scores))

    def to_bytes(self) -> bytes:
        """Everything learned."""
        scores = {"distances": self.distances, "closeness": self.closeness}
        neighbours = np.frombuffer(self.neighbours.to_bytes(), np.uint8)
        return pack(self.KIND, {"neighbours": neighbours, **{name: of.scores for name, of in scores.items()}})

    @classmethod
    def from_bytes(cls, data: bytes) -> "Habits":
        """Read what ``to_bytes`` wrote; raises VerificationError on anything else."""
        names = ("distances", "closeness")
        read = unpack(data, cls.KIND, {"neighbours": ("U8", 1), **dict.fromkeys(names, ("F64", 1))})
        scores = [read[name] for name in names]
        if not all(len(each) and (np.diff(each) >= 0).all() for each in scores):
            raise VerificationError("the stored habits do not fit together")
        neighbours = Neighbours.from_bytes(read["neighbours"].tobytes())
        return cls(neighbours, *(Calibration(each) for each in scores))
