"""Several detectors as one: the mean of the ranks their scores would take among honest rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError, VerificationError
from secmlops.detect.detector import Rows, Scores
from secmlops.detect.ecod import Ecod
from secmlops.detect.forest import IsolationForest
from secmlops.detect.neighbours import Neighbours
from secmlops.runtime.arrays import kind_of, pack, unpack

POINTS = 513
_LEVELS = np.linspace(0, 1, POINTS)
_LEAST = 1e-30  # a highest honest score of 0 is taken for this

Part: TypeAlias = Ecod | Neighbours | IsolationForest
_KINDS: tuple[type[Ecod] | type[Neighbours] | type[IsolationForest], ...] = (Ecod, IsolationForest, Neighbours)


@dataclass(frozen=True, slots=True, eq=False)
class MeanRank:
    """Score: mean over ``parts`` of the rank in [0, 1] of the part's score among honest ones.

    Above the highest honest score s the rank goes on as 2 - s / score, so that what lies beyond is still told apart.
    ``tables`` float64 [parts, POINTS] are quantiles of honest scores; scores are positive.
    """

    KIND: ClassVar[str] = "mean-rank"

    parts: tuple[Part, ...]
    tables: npt.NDArray[np.float64]

    @classmethod
    def of(cls, parts: Sequence[Part], rows: Rows) -> "MeanRank":
        """Combine detectors of different kinds; ``rows`` [n, p] are honest ones that no part has learned from."""
        if len({part.KIND for part in parts}) != len(parts) or not parts or len({part.width for part in parts}) != 1:
            raise InputError("detectors of different kinds and one width can be combined")
        if not len(rows):
            raise InputError("ranks are learned from at least one row")
        ordered = tuple(sorted(parts, key=lambda part: part.KIND))
        return cls(ordered, np.stack([np.quantile(part.score(rows), _LEVELS) for part in ordered]))

    @property
    def width(self) -> int:
        """Number of columns of the rows."""
        return self.parts[0].width

    def score(self, rows: Rows) -> Scores:
        """Scores float64 [n] in [0, 2)."""
        total = np.zeros(len(rows))
        for part, table in zip(self.parts, self.tables, strict=True):
            scores = part.score(rows)
            total += np.interp(scores, table, _LEVELS)
            top = max(float(table[-1]), _LEAST)
            total += 1 - top / np.maximum(scores, top)
        return total / len(self.parts)

    def to_bytes(self) -> bytes:
        """Everything learned."""
        stored = {kind.KIND: np.empty(0, np.uint8) for kind in _KINDS}
        stored |= {part.KIND: np.frombuffer(part.to_bytes(), np.uint8) for part in self.parts}
        return pack(self.KIND, {"tables": self.tables, **stored})

    @classmethod
    def from_bytes(cls, data: bytes) -> "MeanRank":
        """Read what ``to_bytes`` wrote; raises VerificationError on anything else."""
        read = unpack(data, cls.KIND, {"tables": ("F64", 2), **{kind.KIND: ("U8", 1) for kind in _KINDS}})
        parts: list[Part] = [kind.from_bytes(read[kind.KIND].tobytes()) for kind in _KINDS if len(read[kind.KIND])]
        tables = read["tables"]
        fits = parts and tables.shape == (len(parts), POINTS) and len({part.width for part in parts}) == 1
        if not fits or (np.diff(tables, axis=1) < 0).any():
            raise VerificationError("the stored mean of ranks does not fit together")
        return cls(tuple(parts), tables)


def read_detector(data: bytes) -> Part | MeanRank:
    """Detector of whichever kind the bytes say; raises VerificationError when they are none."""
    kinds = {kind.KIND: kind for kind in (*_KINDS, MeanRank)}
    if (kind := kinds.get(found := kind_of(data))) is None:
        raise VerificationError(f"{found[:40]!r} is no kind of detector", hint=f"kinds: {', '.join(sorted(kinds))}")
    return kind.from_bytes(data)
