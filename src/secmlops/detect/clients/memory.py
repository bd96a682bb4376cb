"""The rows that clients asked about lately, of all clients in one array, so that many requests are compared at once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from secmlops.detect.clients.lines import straight
from secmlops.detect.clients.places import PLACES
from secmlops.detect.detector import Rows

_FIRST = 16
_NOWHERE = np.float32(1e9)
_LATELY = 50  # requests over which the mean of a client is taken


class Views(NamedTuple):
    """How each of n requests lies to what its client asked before.

    ``squares`` [n, PLACES] are squared distances from the places, ``nearest`` the slot of the nearest one. ``earlier``
    is the number in this batch, -1 for none, of the nearest request of the same client before it, at a squared distance
    ``apart``. ``base`` [n, p] is the row before it that equals it in most columns, a place or in this batch,
    ``changed`` bool [n, p] the columns in which it does not. ``straight`` bool [n]: on one line with the two before.
    ``usual`` [n, p] is the mean of what the client asked lately, before this batch.
    """

    squares: Rows
    nearest: npt.NDArray[np.intp]
    earlier: npt.NDArray[np.intp]
    apart: Rows
    base: Rows
    changed: npt.NDArray[np.bool_]
    straight: npt.NDArray[np.bool_]
    usual: Rows


class Memory:
    """Rows of ``width`` columns, the first ``numeric`` of them numeric, by the number of a client.

    ``slack`` is by how much a column may differ and still count as equal.
    """

    def __init__(self, width: int, numeric: int, slack: float) -> None:
        self._numeric, self._slack = numeric, slack
        self._rows = np.full((_FIRST, PLACES, width), _NOWHERE, np.float32)
        self._last = np.full((_FIRST, width), np.nan, np.float32)
        self._step = np.full((_FIRST, numeric), np.nan, np.float32)
        self._mean = np.zeros((_FIRST, width), np.float32)

    def clear(self, client: int) -> None:
        """Forget the rows of a client, and make room for it."""
        while client >= len(self._rows):
            self._rows, self._last, self._step, self._mean = (
                np.concatenate([each, np.empty_like(each)]) for each in (self._rows, self._last, self._step, self._mean)
            )
        self._rows[client], self._mean[client] = _NOWHERE, 0
        self._last[client], self._step[client] = np.nan, np.nan

    def keep(self, kept: Sequence[tuple[int, int, int]], rows: Rows) -> None:
        """Keep rows as places: of client and slot, the row of that number."""
        if kept:
            clients, slots, numbers = np.array(kept).T
            self._rows[clients, slots] = rows[numbers]

    def view(self, clients: npt.NDArray[np.intp], rows: Rows) -> Views:
        """Compare rows [n, p], those of one client together and in their order, with what it asked before."""
        first = np.append(True, clients[1:] != clients[:-1])
        at, places = np.arange(len(rows)), self._rows[clients]
        squares, differing = self._compared(places, rows)
        alike = differing.argmin(axis=1)
        base = places[at, alike]
        earlier, apart = np.full(len(rows), -1), np.full(len(rows), np.inf, np.float32)
        if not first.all():
            between, unlike = self._compared(rows, rows)
            other = (clients[:, None] != clients) | (at[:, None] <= at)
            between[other], unlike[other] = np.inf, rows.shape[1]
            nearest, alike_here = between.argmin(axis=1), unlike.argmin(axis=1)
            apart = between[at, nearest]
            earlier = np.where(np.isfinite(apart), nearest, -1)
            here = unlike[at, alike_here] < differing[at, alike]
            base[here] = rows[alike_here[here]]
        changed, lie = np.abs(base - rows) > self._slack, self._straight(clients, rows, first)
        usual = self._mean[clients]
        if first.all():
            self._mean[clients] = usual + (rows - usual) / _LATELY
        else:
            self._average(clients, rows, first)
        return Views(squares, squares.argmin(axis=1), earlier, apart, base, changed, lie, usual)

    def _average(self, clients: npt.NDArray[np.intp], rows: Rows, first: npt.NDArray[np.bool_]) -> None:
        """Let the mean of each client follow its rows, in such a way that old ones fade."""
        starts = np.flatnonzero(first)
        counts = np.diff(starts, append=len(rows))[:, None]
        sums, who = np.add.reduceat(rows, starts, axis=0), clients[starts]
        self._mean[who] += (sums - counts * self._mean[who]) / np.maximum(counts, _LATELY)

    def _compared(self, others: Rows, rows: Rows) -> tuple[Rows, npt.NDArray[np.int16]]:
        """Squared distances [n, m] of rows [n, p] from others [n, m, p] or [m, p], and numbers of unequal columns."""
        apart = others - rows[:, None]
        squares: Rows = np.einsum("ijk,ijk->ij", apart, apart)
        unequal = np.abs(apart, out=apart) > self._slack
        return squares, unequal.sum(axis=2, dtype=np.int16)

    def _straight(
        self, clients: npt.NDArray[np.intp], rows: Rows, first: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.bool_]:
        previous = np.concatenate([rows[:1], rows[:-1]])
        previous[first] = self._last[clients[first]]
        steps = (rows - previous)[:, : self._numeric]
        before = np.concatenate([steps[:1], steps[:-1]])
        before[first] = self._step[clients[first]]
        last = np.append(first[1:], True)
        self._last[clients[last]], self._step[clients[last]] = rows[last], steps[last]
        return straight(steps, before)
