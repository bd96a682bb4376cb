"""The one contract that every outlier detector fulfils."""

from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError

Rows: TypeAlias = npt.NDArray[np.float32]
Scores: TypeAlias = npt.NDArray[np.float64]


class Detector(Protocol):
    """Something that says how strange rows are, each on its own: a score never depends on the rows it came with.

    Rows are float32 [n, p] as ``encoding`` makes them. A NaN among the values of a row is the strangest value there
    is: such a row may score NaN, which the calibration reads as infinity.
    """

    @property
    def width(self) -> int:
        """Number of columns p of the rows."""
        ...

    def score(self, rows: Rows, /) -> Scores:
        """Scores float64 [n] of rows float32 [n, p]; larger is stranger. Raises InputError on another width."""
        ...

    def to_bytes(self) -> bytes:
        """Everything learned, for the ``from_bytes`` of the same class."""
        ...


def check_width(rows: Rows, width: int) -> None:
    """Raise InputError unless the rows are a table of ``width`` columns."""
    if rows.ndim != 2 or rows.shape[1] != width:
        raise InputError(f"the detector takes rows of {width} columns, these are {rows.shape}")


def check_reference(rows: Rows, least: int = 2) -> None:
    """Raise InputError unless the rows can be learned from: a table, all finite, of at least ``least`` rows."""
    if rows.ndim != 2 or len(rows) < least or rows.shape[1] < 1:
        raise InputError(f"a detector learns from a table of at least {least} rows, this is {rows.shape}")
    if not np.isfinite(rows).all():
        raise InputError("the reference rows hold values that are not finite", hint="encode them first")
