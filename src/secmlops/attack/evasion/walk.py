"""A walk along the boundary for rows of numbers and categories: take back what is not needed, then try a detour.

The decision-based walk of Brendel, Rauber and Bethge, "Decision-Based Adversarial Attacks" (ICLR 2018), with the steps
that a table has instead of small random ones: one feature goes back to what it was, or part of the way. All features
are tried at once, each by itself; those that may go back are then taken together, the dearest first, as far as the row
still evades. A number that may not go back the whole way is tried at half of it, at three quarters, and so on.
"""

from dataclasses import dataclass

import numpy as np

from secmlops.attack.evasion.hunt import Hunt
from secmlops.attack.evasion.moves import KEPT, Mask, Matrix, Moves, Places, choose

_SETTLED = 0.97
"""A feature that has to keep more than this of its move is left alone."""
_WIDTH = 0.5
"""Standard deviation of a detour in one number, as a share of the cost of the row."""
_MOST = 32
"""Features of a row that are tried at once, the dearest ones."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Walks until it has made so many ``detours`` from boundary points that could not be lessened any more."""

    detours: int = 1_000

    def run(self, hunt: Hunt, starts: Moves, generator: np.random.Generator) -> None:
        """Lessen ``starts`` [n], moves that evade, until the queries of the ``hunt`` are used up."""
        points = starts.copy()
        features = points.shift.shape[1] + points.codes.shape[1]
        left = np.where(_costs(hunt, points).any(axis=1), self.detours + 1, 0)
        keeps = np.zeros((len(hunt), features))
        while True:
            places = hunt.open_rows(2 * min(features, _MOST) + 1)
            places = places[left[places] > 0]
            if not len(places):
                return
            settled = ~_lessened(hunt, places, points, keeps)
            if settled.any():
                _detour(hunt, places[settled], points, generator)
                keeps[places[settled]] = 0.0
                left[places[settled]] -= 1


def _lessened(hunt: Hunt, places: Places, points: Moves, keeps: Matrix) -> Mask:
    """Take back what can be; say of which rows [m] a feature is worth another try."""
    here = points.take(places)
    costs = _costs(hunt, here)
    worth = (costs > 0) & (keeps[places] < _SETTLED)
    order = np.argsort(-np.where(worth, costs, -1.0), axis=1, kind="stable")[:, :_MOST]
    may = _singly(hunt, places, here, keeps, order)
    numbers = here.shift.shape[1]
    rows, ranks = np.nonzero(np.take_along_axis(worth, order, axis=1) & ~may)
    lost, own = places[rows], order[rows, ranks]
    keeps[lost, own] = np.where(own < numbers, (1 + keeps[lost, own]) / 2, 1.0)
    if may.any():
        points.put(places, _together(hunt, places, here, keeps, np.where(may, order, -1)))
    again: Mask = (_costs(hunt, points.take(places)) > 0) & (keeps[places] < _SETTLED)
    more: Mask = np.logical_or.reduce(again, axis=1)
    return more


def _singly(hunt: Hunt, places: Places, here: Moves, keeps: Matrix, order: Places) -> Mask:
    """Whether each feature of ``order`` [m, c] may go back by itself."""
    rows, features = order.shape
    tried = here.repeat(features)
    _take_back(tried, np.arange(rows * features), order.ravel(), keeps[np.repeat(places, features), order.ravel()])
    _, margins = hunt.ask(np.repeat(places, features), tried)
    may: Mask = (margins < 0).reshape(rows, features)
    return may


def _together(hunt: Hunt, places: Places, here: Moves, keeps: Matrix, order: Places) -> Moves:
    """Moves with the first features of ``order`` [m, c] taken back, -1 left out, as many as still evade."""
    rows, features = order.shape
    tried = here.repeat(features)
    for rank in range(features):
        with_it = (np.arange(rows * features) % features >= rank) & (np.repeat(order[:, rank], features) >= 0)
        lines = np.flatnonzero(with_it)
        columns = np.repeat(order[:, rank], features)[lines]
        _take_back(tried, lines, columns, keeps[np.repeat(places, features)[lines], columns])
    moved, margins = hunt.ask(np.repeat(places, features), tried)
    cost = np.where(margins < 0, hunt.allowed.cost(moved), np.inf).reshape(rows, features)
    best = cost.argmin(axis=1)
    chosen = moved.take(np.arange(rows) * features + best)
    return choose(cost[np.arange(rows), best] < hunt.allowed.cost(here), chosen, here)


def _take_back(moves: Moves, lines: Places, columns: Places, keeps: Matrix) -> None:
    """Lessen the feature ``columns`` [m] of each of the ``lines`` [m] to the share it ``keeps`` [m]."""
    numbers = moves.shift.shape[1]
    number, text = columns < numbers, columns >= numbers
    moves.shift[lines[number], columns[number]] *= keeps[number]
    moves.codes[lines[text], columns[text] - numbers] = KEPT


def _detour(hunt: Hunt, places: Places, points: Moves, generator: np.random.Generator) -> None:
    """Begin again at the cheapest point of each row, with one feature changed by chance, where that evades."""
    best = hunt.best.take(places)
    moved = best.copy()
    numbers = moved.shift.shape[1]
    texts = np.broadcast_to(np.isfinite(hunt.allowed.price), (len(places), len(hunt.allowed.price)))
    may = np.concatenate([hunt.free[places], texts], axis=1)
    column = (generator.random(may.shape) * may).argmax(axis=1)
    number, text = np.flatnonzero(column < numbers), np.flatnonzero(column >= numbers)
    step = generator.normal(size=len(number)) * _WIDTH * hunt.cost[places[number]]
    moved.shift[number, column[number]] += step
    choices = np.array([max(1, len(known)) for known in hunt.allowed.choices], np.intp)
    if len(text):
        place = column[text] - numbers
        moved.codes[text, place] = generator.integers(choices[place])
    moved, margins = hunt.ask(places, moved)
    points.put(places, choose(margins < 0, moved, best))


def _costs(hunt: Hunt, moves: Moves) -> Matrix:
    """What each feature's move costs [m, p + q]."""
    texts = np.where(moves.codes != KEPT, hunt.allowed.price, 0.0)
    return np.concatenate([np.abs(moves.shift), texts], axis=1)
