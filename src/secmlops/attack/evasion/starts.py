"""Where an attack of decisions begins: rows of another answer that the attacker has, brought nearer along a line."""

import numpy as np

from secmlops.attack.evasion.hunt import Hunt
from secmlops.attack.evasion.moves import KEPT, Matrix, Moves, Places
from secmlops.attack.oracle import Outputs
from secmlops.runtime.signature import Inputs

_FEW = 10
"""Rows of another answer that are tried for each row under attack."""
_HALVINGS = 7
_CELLS = 1 << 21


def begin(hunt: Hunt, pool: Inputs, outputs: Outputs, generator: np.random.Generator) -> Moves:
    """Moves [n] that evade, at the boundary; where none is found, the moves change nothing.

    ``outputs`` [m, k] are the model's answers to the ``pool`` [m]: the attacker knows them once for all rows. Rows for
    which no row of the pool evades within the threat model are tried from random places.
    """
    moves = Moves.none(len(hunt), hunt.low.shape[1], hunt.best.codes.shape[1])
    places = hunt.open_rows(_FEW)
    if len(pool) and len(places):
        nearest = _nearest(hunt, places, pool, outputs)
        few = nearest.shape[1]
        _try(hunt, np.repeat(places, few), pool.take(nearest.ravel()))
    lost = np.flatnonzero(np.isinf(hunt.cost) & (hunt.queries + _FEW <= hunt.limit))
    if len(lost):
        _try_random(hunt, lost, generator)
    found = np.flatnonzero(np.isfinite(hunt.cost) & (hunt.cost > 0))
    moves.put(found, hunt.best.take(found))
    return moves


def nearer(hunt: Hunt, places: Places, moves: Moves, halvings: int) -> Moves:
    """Shrink the shifts of ``moves`` that evade to the boundary by halving; categories stay as they are put."""
    low, high = np.zeros(len(places)), np.ones(len(places))
    best = moves.copy()
    for _ in range(halvings):
        middle = (low + high) / 2
        tried, margins = hunt.ask(places, Moves(moves.shift * middle[:, None], moves.codes))
        evaded = margins < 0
        best.put(evaded, tried.take(evaded))
        low, high = np.where(evaded, low, middle), np.where(evaded, middle, high)
    return best


def _try(hunt: Hunt, places: Places, rows: Inputs) -> None:
    """Move the rows at ``places`` towards others, and back as far as they still evade."""
    moves, margins = hunt.ask(places, hunt.towards(places, rows))
    evaded = margins < 0
    if evaded.any():
        nearer(hunt, places[evaded], moves.take(evaded), _HALVINGS)


def _try_random(hunt: Hunt, places: Places, generator: np.random.Generator) -> None:
    repeated = np.repeat(places, _FEW)
    shift = generator.uniform(hunt.low[repeated], hunt.high[repeated])
    codes = [generator.integers(len(choices), size=len(repeated)) for choices in hunt.allowed.choices]
    put = np.stack(codes, axis=1) if codes else np.empty((len(repeated), 0), np.intp)
    allowed = np.isfinite(hunt.allowed.price) & (generator.random(put.shape) < 0.5)
    moves, margins = hunt.ask(repeated, Moves(shift, np.where(allowed, put, KEPT)))
    evaded = margins < 0
    if evaded.any():
        nearer(hunt, repeated[evaded], moves.take(evaded), _HALVINGS)


def _nearest(hunt: Hunt, places: Places, pool: Inputs, outputs: Outputs) -> Places:
    """Of the pool's rows that have evaded, as they stand, the nearest of each row at ``places``: places [m, few]."""
    few = min(_FEW, len(pool))
    nearest = np.empty((len(places), few), np.intp)
    at_once = max(1, _CELLS // max(1, len(pool)))
    for start in range(0, len(places), at_once):
        part = places[start : start + at_once]
        distance = _distances(hunt, part, pool)
        for row, place in enumerate(part):
            kept = hunt.targets.margin(np.repeat(place, len(pool)), outputs) >= 0
            distance[row, kept] = np.inf
        nearest[start : start + at_once] = np.argpartition(distance, few - 1, axis=1)[:, :few]
    return nearest


def _distances(hunt: Hunt, places: Places, pool: Inputs) -> Matrix:
    """Squared costs [m, rows of the pool] of becoming each of them, bounds and sums left aside."""
    unit = np.where(hunt.allowed.unit > 0, hunt.allowed.unit, np.inf)
    own, others = (np.nan_to_num(rows / unit) for rows in (hunt.targets.rows.numeric[places], pool.numeric))
    squares = (own**2).sum(axis=1)[:, None] + (others**2).sum(axis=1) - 2 * own @ others.T
    price = np.where(np.isfinite(hunt.allowed.price), hunt.allowed.price, 0.0)
    for column, cost in enumerate(price):
        texts = hunt.targets.rows.categorical[places, column]
        squares += cost**2 * (texts[:, None] != pool.categorical[:, column])
    distances: Matrix = np.maximum(squares, 0.0)
    return distances
