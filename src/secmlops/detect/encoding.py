"""Rows as detectors take them: categories become how surprising they are, missing values become countable.

Each numeric feature keeps its column, with the reference median where a value is missing. Each categorical feature
becomes its surprisal -ln P(category) under the reference, so that "rare" is far from "common" for every detector; a
category never seen is as rare as can be (add-one smoothing, Laplace). One last column adds up the surprisal of which
numeric values are missing. What is lost: two categories of the same frequency look alike.
"""

import math
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from itertools import cycle
from operator import getitem
from typing import Annotated

import msgspec
import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError, VerificationError
from secmlops.runtime.signature import Inputs

_Finite = Annotated[float, msgspec.Meta(ge=-3.5e38, le=3.5e38)]
_Surprisal = Annotated[float, msgspec.Meta(ge=0, le=100)]


class DefaultTable(dict[str, float]):
    """Numbers by text, and one for every text that is not among them. It never grows."""

    def __init__(self, known: Mapping[str, float], default: float) -> None:
        super().__init__(known)
        self._default = default

    def __missing__(self, text: str) -> float:
        return self._default


class Encoding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """What the reference rows say about medians, categories and missing values. Surprisals are in nats.

    ``present`` and ``absent`` are the surprisals of a numeric value being there or missing, per numeric feature;
    ``categories`` those of each category and ``unseen`` that of any other, per categorical feature.
    """

    medians: tuple[_Finite, ...]
    present: tuple[_Surprisal, ...]
    absent: tuple[_Surprisal, ...]
    categories: tuple[dict[str, _Surprisal], ...]
    unseen: tuple[_Surprisal, ...]

    @classmethod
    def fit(cls, inputs: Inputs) -> "Encoding":
        """Learn from reference rows; raises InputError when there are none or a numeric value is infinite."""
        if not len(inputs) or np.isinf(inputs.numeric).any():
            raise InputError("an encoding is learned from at least one row, all numbers finite or missing")
        missing = np.isnan(inputs.numeric)
        rows = len(inputs)
        medians = [_median(column[~gone]) for column, gone in zip(inputs.numeric.T, missing.T, strict=True)]
        counts = [Counter(column.tolist()) for column in inputs.categorical.T]
        return cls(
            medians=tuple(medians),
            present=tuple(_surprisal(rows - int(gone), rows, 2) for gone in missing.sum(axis=0)),
            absent=tuple(_surprisal(int(gone), rows, 2) for gone in missing.sum(axis=0)),
            categories=tuple(
                {category: _surprisal(count, rows, len(counted) + 1) for category, count in sorted(counted.items())}
                for counted in counts
            ),
            unseen=tuple(_surprisal(0, rows, len(counted) + 1) for counted in counts),
        )

    @property
    def width(self) -> int:
        """Number of columns of the encoded rows: numeric and categorical features, and one for what is missing."""
        return len(self.medians) + len(self.unseen) + 1

    def encode(self, inputs: Inputs) -> npt.NDArray[np.float32]:
        """Rows float32 [n, width]; raises InputError when the inputs have other numbers of columns."""
        numeric, categorical = len(self.medians), len(self.unseen)
        if inputs.numeric.shape[1] != numeric or inputs.categorical.shape[1] != categorical:
            raise InputError(f"the encoding takes {numeric} numeric and {categorical} categorical columns")
        rows = np.empty((len(inputs), self.width), np.float32)
        rows[:, :numeric] = inputs.numeric
        missing = np.isnan(inputs.numeric)
        if missing.any():
            np.copyto(rows[:, :numeric], self.arrays[0], where=missing)
        if categorical:
            texts = inputs.categorical.ravel().tolist()
            found = np.fromiter(map(getitem, cycle(self._known), texts), np.float64, len(texts))
            rows[:, numeric:-1] = found.reshape(-1, categorical)
        rows[:, -1] = self.missing(missing)
        return rows

    def missing(self, missing: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
        """Last column float32 [n] of rows in which those numeric values [n, p] are missing."""
        sums: npt.NDArray[np.float64] = np.where(missing, self.arrays[1], self.arrays[2]).sum(axis=1)
        return sums.astype(np.float32)

    @cached_property
    def arrays(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Medians, surprisals of a missing value and of one that is there."""
        return np.array(self.medians, np.float32), np.array(self.absent), np.array(self.present)

    @cached_property
    def _known(self) -> tuple[DefaultTable, ...]:
        return tuple(map(DefaultTable, self.categories, self.unseen))

    def to_bytes(self) -> bytes:
        """Serialise as JSON."""
        return msgspec.json.encode(self, order="deterministic")

    @classmethod
    def from_bytes(cls, data: bytes) -> "Encoding":
        """Read what ``to_bytes`` wrote; raises VerificationError on anything else."""
        try:
            read = msgspec.json.decode(data, type=cls)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise VerificationError(f"not a stored encoding: {error}") from None
        per_number = {len(read.medians), len(read.present), len(read.absent)}
        if len(per_number) != 1 or len(read.categories) != len(read.unseen) or read.to_bytes() != data:
            raise VerificationError("not a stored encoding: its parts do not fit together")
        return read


def _surprisal(count: int, total: int, kinds: int) -> float:
    return -math.log((count + 1) / (total + kinds))


def _median(values: npt.NDArray[np.float32]) -> float:
    return float(np.median(values)) if len(values) else 0.0
