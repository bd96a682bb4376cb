"""The rows that clients asked about lately, of all clients in one array, so that many requests are compared at once."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from secmlops.detect.clients.lines import straight
from secmlops.detect.clients.places import PLACES
from secmlops.detect.clients.shape import Shape
from secmlops.detect.detector import Rows

_Number = TypeVar("_Number", bound=np.generic)

AT_ONCE = 64
"""Requests that are compared at once, at most."""
_FIRST = 16
_NOWHERE = np.float32(1e15)  # square of the distance of what is no row
_FADES = 1 - 1 / 50  # the mean of a client forgets a request by that much with each that follows
_FADED = _FADES ** np.arange(AT_ONCE + 1, dtype=np.float32)
_BEFORE = np.tri(AT_ONCE, k=-1, dtype=np.bool_)
_NOT_YET = np.where(_BEFORE, np.float32(0), _NOWHERE)
_PARTS = 3  # whoever changes one or two columns leaves one of three parts of the row as it was
_KEY = np.random.default_rng(0).integers(2**62, size=2**14) * 2 + 1


class Views(NamedTuple):
    """How each of n ``rows`` [n, p] lies to what its client asked before, those of one client together and in order.

    The columns of ``squares`` and ``apart`` [n, PLACES + n] are the client's ``places`` [n, PLACES, p], then the rows
    of this batch; those of others, and later ones, are nowhere near. ``squares`` are squared distances, ``apart`` those
    with correlations turned out. ``alike`` bool [n]: a part of the row is the same as in one of them. ``straight`` bool
    [n]: on one line with the two rows before.
    """

    rows: Rows
    places: Rows
    squares: Rows
    apart: Rows
    alike: npt.NDArray[np.bool_]
    straight: npt.NDArray[np.bool_]

    def before(self, at: int, columns: npt.NDArray[np.intp]) -> Rows:
        """Rows [m, p] that columns stand for to request ``at``."""
        own = columns < PLACES
        rows = self.rows[np.where(own, 0, columns - PLACES)]
        rows[own] = self.places[at, columns[own]]
        return rows


class Memory:
    """Rows of ``width`` columns, the first ``numeric`` of them numeric, by the number of a client."""

    def __init__(self, width: int, numeric: int) -> None:
        self._numeric = numeric
        self._rows = np.zeros((_FIRST, PLACES, width), np.float32)
        self._free = np.full((_FIRST, PLACES), _NOWHERE, np.float32)
        self._parts = tuple(np.zeros((_FIRST, PLACES), np.int64) for _ in range(_PARTS))
        self._last = np.full((_FIRST, width), np.nan, np.float32)
        self._step = np.full((_FIRST, numeric), np.nan, np.float32)
        self._mean = np.zeros((_FIRST, width), np.float32)
        of_part = np.arange(width)[:, None] % _PARTS == np.arange(_PARTS)
        self._key = np.where(of_part, np.resize(_KEY, width)[:, None], 0)

    def clear(self, client: int) -> None:
        """Forget the rows of a client, and make room for it."""
        if client >= len(self._rows):
            self._rows, self._free = _doubled(self._rows), _doubled(self._free)
            self._last, self._step, self._mean = _doubled(self._last), _doubled(self._step), _doubled(self._mean)
            self._parts = tuple(_doubled(part) for part in self._parts)
        self._rows[client], self._free[client] = 0, _NOWHERE
        self._last[client], self._step[client], self._mean[client] = np.nan, np.nan, 0

    def keep(self, clients: Sequence[int], slots: Sequence[int], rows: Rows) -> None:
        """Keep rows [n, p] as places of these clients, in these slots; of two in one slot the later one."""
        self._rows[clients, slots] = rows
        self._free[clients, slots] = 0
        for known, part in zip(self._parts, self._fingerprints(rows), strict=True):
            known[clients, slots] = part

    def view(self, clients: npt.NDArray[np.intp], rows: Rows, shape: Shape) -> Views:
        """Compare rows [n, p], those of one client together and in their order, with what it asked before."""
        alone = clients[0] == clients[-1]
        who = clients[:1] if alone else clients
        places, free = self._rows[who], self._free[who]
        hidden = _NOT_YET[: len(rows), : len(rows)]
        if not alone:
            hidden = np.where(clients[:, None] == clients, hidden, _NOWHERE)
        squares = _squares(rows, places, free, hidden)
        apart = _squares(shape.turned(rows), shape.turned(places), free, hidden)
        places = np.broadcast_to(places, (len(rows), *places.shape[1:]))
        return Views(rows, places, squares, apart, self._alike(clients, rows), self._straight(clients, rows))

    def usual(self, clients: npt.NDArray[np.intp], rows: Rows, which: npt.NDArray[np.intp]) -> Rows:
        """Mean [m, p] of what the client of each of the requests number ``which`` asked lately, before that one."""
        asked = np.arange(len(rows))
        before = which[:, None] - asked
        earlier = (before > 0) & (clients[which][:, None] == clients)
        weights = np.where(earlier, _FADED[before - 1], 0)
        mean: Rows = weights @ rows * np.float32(1 - _FADES)
        mean += _FADED[earlier.sum(axis=1)][:, None] * self._mean[clients[which]]
        return mean

    def note(self, clients: npt.NDArray[np.intp], rows: Rows) -> None:
        """Let the mean of each client follow its rows, in such a way that old ones fade."""
        starts = np.flatnonzero(np.append(True, clients[1:] != clients[:-1]))
        stops = np.append(starts[1:], len(rows))
        left = np.repeat(stops, stops - starts) - 1 - np.arange(len(rows))
        sums = np.add.reduceat(rows * _FADED[left][:, None], starts, axis=0) * np.float32(1 - _FADES)
        who = clients[starts]
        self._mean[who] = self._mean[who] * _FADED[stops - starts][:, None] + sums

    def _alike(self, clients: npt.NDArray[np.intp], rows: Rows) -> npt.NDArray[np.bool_]:
        """Which rows have a part in common with one before."""
        alike, within = np.zeros(len(rows), np.bool_), np.zeros((len(rows), len(rows)), np.bool_)
        for known, part in zip(self._parts, self._fingerprints(rows), strict=True):
            alike |= (known[clients] == part[:, None]).any(axis=1)
            within |= part[:, None] == part
        within &= _BEFORE[: len(rows), : len(rows)]
        if clients[0] != clients[-1]:
            within &= clients[:, None] == clients
        alike |= within.any(axis=1)
        return alike

    def _fingerprints(self, rows: Rows) -> npt.NDArray[np.int64]:
        """One number for each part of a row [parts, n]: the same for the same values, hardly ever for others."""
        bits = (rows + np.float32(0)).view(np.int32).astype(np.int64)  # minus zero is zero
        prints: npt.NDArray[np.int64] = (bits @ self._key).T
        return prints

    def _straight(self, clients: npt.NDArray[np.intp], rows: Rows) -> npt.NDArray[np.bool_]:
        first = np.append(True, clients[1:] != clients[:-1])
        previous = np.concatenate([rows[:1], rows[:-1]])
        previous[first] = self._last[clients[first]]
        steps = (rows - previous)[:, : self._numeric]
        before = np.concatenate([steps[:1], steps[:-1]])
        before[first] = self._step[clients[first]]
        last = np.append(first[1:], True)
        self._last[clients[last]], self._step[clients[last]] = rows[last], steps[last]
        return straight(steps, before)


def _squares(rows: Rows, places: Rows, free: Rows, hidden: Rows) -> Rows:
    """Squared distances [n, PLACES + n] of rows [n, p] from places [n or 1, PLACES, p], and from one another.

    ``free`` [n or 1, PLACES] and ``hidden`` [n, n] are added to them. They are a little short: for rounding, no row
    shall seem to be apart from itself.
    """
    short = np.float32(1 - 2e-6)
    norms = np.vecdot(rows, rows) * short
    squares = np.empty((len(rows), PLACES + len(rows)), np.float32)
    old, new = squares[:, :PLACES], squares[:, PLACES:]
    if len(places) == 1:
        np.matmul(rows, places[0].T, out=old)
    else:
        old[:] = np.matmul(places, rows[:, :, None])[:, :, 0]
    np.matmul(rows, rows.T, out=new)
    squares *= -2
    squares += norms[:, None]
    old += np.vecdot(places, places) * short + free
    new += norms + hidden
    return squares


def _doubled(array: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    """Array with room for as many clients again."""
    return np.concatenate([array, np.empty_like(array)])
