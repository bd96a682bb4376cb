"""The learning curve as the child reports it: what models of fractions of the rows answer to seen and unseen rows."""

import math

import msgspec
import numpy as np
import numpy.typing as npt

from secmlops.core.errors import IsolationError

MAX_ROWS = 10_000
"""Rows of each kind whose answers are reported for a point of the curve."""


class CurvePoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model fitted on ``rows`` rows in ``seconds`` of processor time, and its answers, each of k numbers.

    ``train_rows`` and ``holdout_rows`` say which rows of the job the answers are to.
    """

    fraction: float
    rows: int
    seconds: float
    train_rows: list[int]
    train_outputs: list[list[float]]
    holdout_rows: list[int]
    holdout_outputs: list[list[float]]


def curve_to_json(points: list[CurvePoint]) -> bytes:
    """Serialise."""
    return msgspec.json.encode(points)


def curve_from_json(data: bytes, *, train: int, holdout: int, outputs: int) -> list[CurvePoint]:
    """Read a curve of a job with so many rows and outputs; raises IsolationError when it does not fit the job."""
    try:
        points = msgspec.json.decode(data, type=list[CurvePoint])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise IsolationError("the isolated code left a learning curve that cannot be read") from None
    for point in points:
        fits = _fits(point.train_rows, point.train_outputs, train, outputs)
        if not fits or not _fits(point.holdout_rows, point.holdout_outputs, holdout, outputs):
            raise IsolationError("the isolated code left a learning curve that does not fit the job")
    return points


def check_rows(
    points: list[CurvePoint], subsets: list[npt.NDArray[np.intp]], seed: int, *, train: int, holdout: int
) -> None:
    """Raise IsolationError unless there is one point for each of ``subsets``, on just its rows and in a real time."""
    unseen = list(range(min(holdout, MAX_ROWS)))
    honest = len(points) == len(subsets) and all(
        point.rows == len(rows)
        and point.fraction == len(rows) / train
        and 0 <= point.seconds < math.inf
        and point.train_rows == shown_rows(rows, seed).tolist()
        and point.holdout_rows == unseen
        for point, rows in zip(points, subsets, strict=True)
    )
    if not honest:
        raise IsolationError("the isolated code left a learning curve of other rows than the job's")


def shown_rows(rows: npt.NDArray[np.intp], seed: int) -> npt.NDArray[np.intp]:
    """Those of ``rows`` whose answers are reported, sorted."""
    return np.sort(np.random.default_rng(seed).permutation(rows)[:MAX_ROWS])


def nested_subsets(
    target: npt.NDArray[np.generic], fractions: tuple[float, ...], seed: int
) -> list[npt.NDArray[np.intp]]:
    """Row indices of each fraction and, last, of all rows in their order. A larger fraction holds the smaller ones.

    For int64 targets every class keeps its share, and at least one row.
    """
    order = np.random.default_rng(seed).permutation(len(target))
    if target.dtype.kind in "iu":
        place = np.empty(len(target))
        for label in np.unique(target):
            rows = order[target[order] == label]
            place[rows] = np.arange(len(rows)) / len(rows)  # 0 for one row of each class, whatever the fraction
    else:
        place = np.argsort(order) / max(1, len(order))
    return [*(np.flatnonzero(place < fraction) for fraction in sorted(fractions)), np.arange(len(target))]


def _fits(rows: list[int], answers: list[list[float]], count: int, outputs: int) -> bool:
    return (
        len(rows) == len(answers) <= MAX_ROWS
        and all(0 <= row < count for row in rows)
        and all(len(answer) == outputs and all(map(math.isfinite, answer)) for answer in answers)
    )
