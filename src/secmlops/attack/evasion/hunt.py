"""Rows under attack: what may become of them, who answers, what was asked, and the cheapest change that evaded."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.attack.evasion.moves import KEPT, Codes, Mask, Matrix, Moves, Places
from secmlops.attack.evasion.perturbations import Perturbations
from secmlops.attack.evasion.sums import hold_sums, sums_hold, whole_steps
from secmlops.attack.oracle import Oracle, Outputs
from secmlops.core.errors import InputError
from secmlops.runtime.signature import Inputs

_AT_ONCE = 4096
"""Rows in one call of the oracle."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Rows [n] with the answers they should not get to keep.

    ``truth`` int64 [n] are the right classes; where it is float64, the model's own predictions of a quantity, which are
    to be moved by more than ``shift``.
    """

    rows: Inputs
    truth: npt.NDArray[np.int64] | npt.NDArray[np.float64]
    shift: float = 0.0

    def __post_init__(self) -> None:
        if len(self.rows) != len(self.truth):
            raise InputError(f"{len(self.rows)} rows to attack, and {len(self.truth)} answers to them")
        if self.truth.dtype.kind == "f" and not self.shift > 0:
            raise InputError("a prediction is to be moved by more than 0")

    def __len__(self) -> int:
        return len(self.rows)

    def margin(self, places: Places, outputs: Outputs) -> Matrix:
        """How far [m] rows at ``places`` are from evading by their ``outputs`` [m, k]: below 0 they did."""
        truth = self.truth[places]
        if truth.dtype.kind == "f":
            return 1 - np.abs(outputs[:, 0] - truth) / self.shift
        own = outputs[np.arange(len(outputs)), truth]
        others = outputs.copy()
        others[np.arange(len(outputs)), truth] = -np.inf
        margin: Matrix = own - others.max(axis=1)
        return margin


@dataclass(frozen=True, slots=True)
class Effort:
    """What an attacker spends: ``queries`` for each row, and the ``budgets`` at which changes are of interest.

    Without budgets the cheapest change is looked for; with some, a row is done once it was turned at the smallest one.
    """

    queries: int
    budgets: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.queries < 1:
            raise InputError("an attack needs one query or more")
        if any(not 0 < budget < np.inf for budget in self.budgets):
            raise InputError("budgets are numbers above 0")


class Hunt:
    """``targets`` attacked through an ``oracle`` within ``allowed``, with an attacker's ``effort``.

    A row is done when a change of cost ``goal`` or less was found. ``queries`` int64 [n] counts what was asked;
    ``best`` are the cheapest moves that evaded and ``cost`` [n] what they cost: 0 where the model errs unprovoked,
    infinity where nothing was found.
    """

    def __init__(self, targets: Targets, oracle: Oracle, allowed: Perturbations, effort: Effort) -> None:
        self.targets, self.allowed, self.limit, self.budgets = targets, allowed, effort.queries, effort.budgets
        self.goal = min(effort.budgets, default=0.0)
        self._oracle = oracle
        numbers, texts = targets.rows.numeric.shape[1], targets.rows.categorical.shape[1]
        if numbers != len(allowed.unit) or texts != len(allowed.price):
            raise InputError("the threat model is of other columns than the rows")
        self._origin = targets.rows.numeric.astype(np.float64)
        self.free: Mask = (allowed.unit > 0) & ~np.isnan(self._origin)
        unit = np.where(allowed.unit > 0, allowed.unit, 1.0)
        self.low = np.where(self.free, np.minimum((allowed.low - self._origin) / unit, 0.0), 0.0)
        self.high = np.where(self.free, np.maximum((allowed.high - self._origin) / unit, 0.0), 0.0)
        self.queries = np.zeros(len(targets), np.int64)
        self.best = Moves.none(len(targets), numbers, texts)
        self.cost = np.full(len(targets), np.inf)
        self._own = self._codes_of(targets.rows)
        _, self.margins = self.ask(np.arange(len(targets)), self.best.copy())

    def __len__(self) -> int:
        return len(self.targets)

    def open_rows(self, queries: int = 1) -> Places:
        """Places of the rows that are not done, and about which ``queries`` more may be asked."""
        return np.flatnonzero((self.cost > self.goal) & (self.queries + queries <= self.limit))

    def unchanged(self, places: Places) -> Moves:
        """Moves [m] that change nothing."""
        return Moves.none(len(places), self.free.shape[1], self._own.shape[1])

    def count(self, places: Places) -> None:
        """Count one query more for each of ``places``, which may repeat."""
        self.queries += np.bincount(places, minlength=len(self))

    @contextmanager
    def limited(self, share: float) -> Iterator[None]:
        """Let only ``share`` of the queries be asked for a while."""
        whole, self.limit = self.limit, int(share * self.limit)
        try:
            yield
        finally:
            self.limit = whole

    def ask(self, places: Places, moves: Moves) -> tuple[Moves, Matrix]:
        """Ask about the rows at ``places`` [m], moved: the moves as they were possible, and the margins [m].

        A margin below 0 is a row that evaded. What cannot be made possible is not asked about; its margin is infinite.
        """
        moves = self.settled(places, moves)
        possible = sums_hold(self.allowed, moves.shift)
        if not possible.all():
            margins = np.full(len(places), np.inf)
            margins[possible] = self._asked(places[possible], moves.take(possible))
            return moves, margins
        return moves, self._asked(places, moves)

    def settled(self, places: Places, moves: Moves) -> Moves:
        """Return the nearest moves that the threat model allows for the rows at ``places``."""
        shift = self.inside(places, moves.shift)
        if self.allowed.integer.any():
            shift = whole_steps(self.allowed, shift, (self.low[places], self.high[places]))
        return Moves(shift, np.where(moves.codes == self._own[places], KEPT, moves.codes))

    def inside(self, places: Places, shift: Matrix) -> Matrix:
        """Return the nearest shifts [m, p] that keep bounds and sums, whole numbers left aside."""
        bounds = self.low[places], self.high[places]
        shift = np.clip(shift, *bounds)
        return hold_sums(self.allowed, shift, bounds) if len(self.allowed.sums) else shift

    def changed(self, places: Places, moves: Moves) -> Inputs:
        """Rows at ``places`` with the moves made, as the model gets them."""
        numeric = (self._origin[places] + moves.shift * self.allowed.unit).astype(np.float32)
        categorical = self.targets.rows.categorical[places]
        for column, choices in enumerate(self.allowed.choices):
            codes = moves.codes[:, column]
            put = codes != KEPT
            if put.any():
                categorical[put, column] = choices[codes[put]]
        return Inputs(numeric, categorical)

    def towards(self, places: Places, rows: Inputs) -> Moves:
        """Moves that make the rows at ``places`` [m] like other ``rows`` [m], as far as the threat model allows."""
        unit = np.where(self.allowed.unit > 0, self.allowed.unit, 1.0)
        shift = np.nan_to_num((rows.numeric - self._origin[places]) / unit)
        codes = np.where(np.isfinite(self.allowed.price), self._codes_of(rows), KEPT)
        return self.settled(places, Moves(shift, codes))

    def _codes_of(self, rows: Inputs) -> Codes:
        """Codes [n, q] of the texts of ``rows``; of one that nobody may put in place, that of no change."""
        codes = np.full(rows.categorical.shape, KEPT, np.intp)
        for column, choices in enumerate(self.allowed.choices):
            book = {text: code for code, text in enumerate(choices)}
            codes[:, column] = [book.get(text, KEPT) for text in rows.categorical[:, column]]
        return codes

    def _asked(self, places: Places, moves: Moves) -> Matrix:
        margins = np.empty(len(places))
        for start in range(0, len(places), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            rows = self.changed(places[part], moves.take(part))
            margins[part] = self.targets.margin(places[part], self._oracle(rows))
        self.count(places)
        self._keep(places, moves, margins)
        return margins

    def _keep(self, places: Places, moves: Moves, margins: Matrix) -> None:
        """Remember the moves that evaded at less cost than any before."""
        evaded = np.flatnonzero(margins < 0)
        cost = self.allowed.cost(moves.take(evaded))
        cheaper = cost < self.cost[places[evaded]]
        order = np.argsort(-cost[cheaper], kind="stable")  # of several for a row the last one stays: the cheapest
        kept = evaded[cheaper][order]
        self.cost[places[kept]] = cost[cheaper][order]
        self.best.put(places[kept], moves.take(kept))
