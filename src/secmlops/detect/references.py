"""Reference rows: what detectors by distance have in common in drawing, scaling, comparing with and storing them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import VerificationError
from secmlops.detect.detector import Rows, Scores, check_width
from secmlops.runtime.arrays import pack, unpack

_RESOLUTION = float(np.finfo(np.float32).eps)
_NOTHING = 1e-30  # a smaller spread is that of rounding around 0
_BLOCK = 512  # rows compared at once: 2 MiB of distances to 1,024 references

Numbers = npt.NDArray[Any]


def is_constant(rows: Numbers, spread: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Which columns [p] of ``rows`` [n, p] vary by less than float32 resolves; ``spread`` are standard deviations.

    Such a column stays in its own unit: divided by its spread, the rounding of an honest value would be the farthest
    of all.
    """
    constant: npt.NDArray[np.bool_] = spread <= np.maximum(_RESOLUTION * np.abs(rows).max(axis=0), _NOTHING)
    return constant


def drawn(rows: Rows, generator: np.random.Generator, most: int) -> Rows:
    """At most so many of the rows, drawn without replacement."""
    kept: Rows = rows[generator.permutation(len(rows))[:most]]
    return kept


def in_blocks(score: Callable[[Rows], Scores], rows: Rows, width: int) -> Scores:
    """Scores of rows, some hundreds at a time: what lies between is bounded. Raises InputError on another width."""
    check_width(rows, width)
    if len(rows) <= _BLOCK:
        return score(rows)
    return np.concatenate([score(rows[start : start + _BLOCK]) for start in range(0, len(rows), _BLOCK)])


def stored(kind: str, centre: Numbers, per_unit: Numbers, references: Rows) -> bytes:
    """Bytes of a detector that is a centre, a scale and references."""
    return pack(kind, {"centre": centre, "per_unit": per_unit, "references": references})


def read(data: bytes, kind: str, number: str, least: int) -> tuple[Numbers, Numbers, Rows]:
    """Centre, scale (both of type ``number``) and at least so many references that fit together.

    Raises VerificationError on anything that ``stored`` would not have written.
    """
    arrays = unpack(data, kind, {"centre": (number, 1), "per_unit": (number, 1), "references": ("F32", 2)})
    centre, per_unit, references = arrays["centre"], arrays["per_unit"], arrays["references"]
    fits = len(centre) == len(per_unit) == references.shape[1] > 0 and len(references) >= least
    if not fits or (per_unit <= 0).any():
        raise VerificationError("the stored neighbours do not fit together")
    return centre, per_unit, references
