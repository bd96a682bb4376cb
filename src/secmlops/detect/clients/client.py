"""One client of a model: the places it asked about, the evidence against it, and what a request of it says."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from secmlops.detect.clients.attention import Watched
from secmlops.detect.clients.evidence import Bets
from secmlops.detect.clients.memory import Views
from secmlops.detect.clients.places import PLACES, Place, Places
from secmlops.detect.clients.settings import Bounds, Sign
from secmlops.detect.clients.shape import Shape

_GLANCE, _SEARCH = 3, 12  # visits after which a place is judged, and judged again
_JUDGED = frozenset({_GLANCE, _SEARCH})
_FEW = 2  # columns that differ from another row in a case that is tried out, at most
_DIVIDED = 0.25  # share of the rarer label at a place where it flips


class Hint(NamedTuple):
    """What a request says: a sign, and the cell of its bets (``Bets``) that it falls into."""

    sign: Sign
    cell: int


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """What requests are judged by: the squared distances at which rows are ``close`` and ``near``.

    ``shape`` is that of honest rows, ``slack`` by how much a column may differ and still count as equal. ``strange``
    and ``undecided`` are bet on.
    """

    close: float
    near: float
    slack: float
    shape: Shape
    strange: Bets
    undecided: Bets


class Asked(NamedTuple):
    """What is known of the n requests of a batch, one after the other, those of one client together.

    ``labels`` are the model's. ``quiet``: it is for a new place and says nothing, whatever is remembered. ``strange``
    and ``undecided`` are the cells of their bets, ``near`` the squared distances within which another place is near.
    ``alone``: no row before is as near as that. ``alike`` and ``straight`` as in ``Views``.
    """

    views: Views
    labels: list[int]
    quiet: list[bool]
    strange: list[int]
    undecided: list[int]
    near: list[float]
    alone: list[bool]
    alike: list[bool]
    straight: list[bool]


class Client:
    """What is remembered of one client beside its rows, of constant size.

    ``different`` counts requests that were not close to an earlier one. ``columns`` says which column of this batch's
    ``Views`` each of its places is.
    """

    __slots__ = ("columns", "different", "evidence", "number", "places", "spent", "watched")

    def __init__(self, number: int, bounds: Bounds) -> None:
        self.number = number
        self.places = Places()
        self.evidence = [bounds.evidence(sign) for sign in Sign]
        self.watched = Watched()
        self.different = self.spent = 0
        self.columns = np.arange(PLACES)

    def passed(self) -> None:
        """Take in a quiet request."""
        self.watched.requests += 1
        self.different += 1
        strange, undecided, straight, *_ = self.evidence
        strange.rounds += 1
        undecided.rounds += 1
        straight.rounds += 1

    def remember(self, place: Place, at: int) -> int:
        """Remember a place, that of request ``at`` of the batch; returns its slot."""
        slot = self.places.remember(place)
        self.columns[slot] = PLACES + at
        return slot

    def judge(self, asked: Asked, at: int, rules: Rules) -> tuple[list[Hint], Place | None]:
        """Take in request ``at``; returns what it says, and its place if that is a new one, not yet remembered."""
        self.watched.requests += 1
        hints = self._noted(Sign.STRAIGHT, 0 if asked.straight[at] else 1)
        strange, undecided = asked.strange[at], asked.undecided[at]
        known = None
        if not asked.alone[at]:
            squares = asked.views.squares[at, self.columns]
            slot = int(squares.argmin())
            if squares[slot] < rules.close:
                return hints + self._visited(slot, asked.labels[at], squares, rules), None
            known = self.places[slot] if squares[slot] < rules.near else None
        self.different += 1
        base = self._base(asked.views, at, rules) if asked.alike[at] else None
        if strange < len(rules.strange.levels):
            apart = asked.views.apart[at, self.columns]
            slot = int(apart.argmin())
            known = self.places[slot] if apart[slot] < asked.near[at] else None
        if known is None or not known.strange:
            cell = strange if base is None else self._tried(asked.views.rows[at], base, rules)
            hints += self._noted(Sign.STRANGE, cell)
        if base is None and (known is None or not known.undecided):
            hints += self._noted(Sign.UNDECIDED, undecided)
        levels = len(rules.strange.levels), len(rules.undecided.levels)
        return hints, Place(asked.labels[at], strange < levels[0], undecided < levels[1])

    def _noted(self, sign: Sign, cell: int) -> list[Hint]:
        """The hint, if it is one: the cell above every level says nothing, and is noted at once."""
        evidence = self.evidence[sign]
        if cell < evidence.cells:
            return [Hint(sign, cell)]
        evidence.rounds += 1
        return []

    def _base(self, views: Views, at: int, rules: Rules) -> npt.NDArray[np.float32] | None:
        """Row of the place that equals request ``at`` in most columns, if that makes it a case tried out."""
        before, row = views.before(at, self.columns), views.rows[at]
        unequal = np.count_nonzero(np.abs(before - row) > rules.slack, axis=1)
        unequal[[place is None for place in self.places]] = len(row)
        slot = int(unequal.argmin())
        return before[slot] if unequal[slot] <= min(_FEW, (len(row) - 1) // 2) else None

    def _tried(self, row: npt.NDArray[np.float32], base: npt.NDArray[np.float32], rules: Rules) -> int:
        """Cell of a case tried out: how far out the changed values are (Bonferroni)."""
        columns = np.flatnonzero(np.abs(row - base) > rules.slack).tolist()
        outlying = [rules.shape.outlying(column, row[column], base[column], rules.slack) for column in columns]
        return rules.strange.cell(min([1.0, *(len(columns) * p_value for p_value in outlying)]))

    def _visited(self, slot: int, label: int, squares: npt.NDArray[np.float32], rules: Rules) -> list[Hint]:
        """Whether the label flips at a place that is now to be judged, unless it does so nearby: that says it all."""
        place = self.places[slot]
        if place is None:
            return []  # nothing is close to a slot that is free
        place.visit(label)
        if place.visits not in _JUDGED:
            return []
        near = (self.places[other] for other in np.flatnonzero(squares < rules.near).tolist())
        if any(other is not None and other is not place and other.flipped for other in near):
            return []
        place.flipped = place.rarer > (0 if place.visits == _GLANCE else _DIVIDED)
        sign = Sign.GLANCED if place.visits == _GLANCE else Sign.SEARCHED
        return self._noted(sign, 0 if place.flipped else 1)
