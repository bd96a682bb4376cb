"""Watches the queries of many clients to one model for extraction and for walks along the decision boundary.

PRADA (Juuti et al., EuroS&P 2019) asks whether the distances between a client's queries are normally distributed, and
so alarms on an honest customer who repeats requests. Here each request has p-values under what honest requests look
like, of its distance from known rows and of how undecided the model is; and what is close to an earlier request of the
same client adds nothing to these: a customer may ask about one case for ever. Of a case tried out, with a column or two
changed, it counts how far out the new values are. Close by, the watch looks at the label instead: around one case in
many it flips, around every point of a boundary walk it does. And bisection, in however many columns, shows as rows on
one line.

Extraction with rows drawn from the true population looks no different from use; only ``budget`` stands against that.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError
from secmlops.detect.clients.alarm import Alarm, AlarmKind
from secmlops.detect.clients.evidence import Evidence
from secmlops.detect.clients.habits import Habits
from secmlops.detect.clients.memory import Memory, Views
from secmlops.detect.clients.places import Place, Places
from secmlops.detect.clients.settings import Bounds, Sign
from secmlops.detect.clients.table import Table
from secmlops.detect.detector import Rows

_AT_ONCE = 64
_SIGNS = len(Sign)
_CLOSE = 0.25  # of the habitual radius: requests that near are one place
_SLACK = 0.125  # of the habitual radius, in one column
_FAR = 0.5  # of how much farther out a row is than usual, by so much larger is what is near to it
_DRIFT = 1.5  # by how much a client's population may differ on average, in standard deviations
_VARIED = 2  # rows that differ notably in at most so many columns are one case tried out
_GLANCE, _SEARCH = 3, 12  # visits after which a place is judged, and judged again
_JUDGED = frozenset({_GLANCE, _SEARCH})
_DIVIDED = 0.25  # share of the rarer label at a place where it flips
_KINDS = {
    Sign.STRANGE: AlarmKind.STRANGE,
    Sign.UNDECIDED: AlarmKind.BOUNDARY,
    Sign.STRAIGHT: AlarmKind.LINES,
    Sign.GLANCED: AlarmKind.FLIPS,
    Sign.SEARCHED: AlarmKind.FLIPS,
}


class Client:
    """What is remembered of one client beside its rows, of constant size.

    ``requests`` counts all, ``different`` those that were not close to an earlier one.
    """

    __slots__ = ("different", "evidence", "number", "places", "requests", "spent")

    def __init__(self, number: int, evidence: list[Evidence]) -> None:
        self.number = number
        self.places = Places()
        self.evidence = evidence
        self.requests = self.different = self.spent = 0


class Crowd:
    """The clients of a model, at most ``size`` of them remembered. Not to be used by several threads at once.

    What one client asks never changes what is said of another, unless it is forgotten (``Table``).
    """

    def __init__(self, habits: Habits, bounds: Bounds, size: int) -> None:
        self._habits, self._bounds = habits, bounds
        self._clients = Table(size, self._join, self._leave)
        self._memory = Memory(habits.neighbours.width, habits.numeric, _SLACK * habits.radius)
        self._numbers = 0
        self._free: list[int] = []
        self._left: list[int] = []
        self._levels = bounds.strange[-1][0], bounds.undecided[-1][0]
        self._enough, self._budget = 1 / bounds.error, bounds.budget
        self._near, self._close = habits.radius**2, (_CLOSE * habits.radius) ** 2

    def __len__(self) -> int:
        return len(self._clients)

    def update(
        self,
        names: Sequence[str],
        rows: Rows,
        labels: Sequence[int],
        margins: npt.NDArray[np.float64],
        moment: float,
    ) -> list[tuple[str, Alarm]]:
        """Take in requests and their answers; returns who raised which alarm, whose evidence then starts anew.

        ``rows`` float32 [n, p] as ``Habits.encode`` makes them, each asked by the client of that name, those of one
        client in their order; ``margins`` as in ``Habits.learn``, NaN where there is none; ``moment`` in seconds.
        Raises InputError when the lengths differ.
        """
        if not len(names) == len(rows) == len(labels) == len(margins):
            raise InputError(f"{len(names)} names, {len(rows)} rows and {len(labels)} labels do not fit together")
        found: list[tuple[str, Alarm]] = []
        for start in range(0, len(rows), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            found += self._batch(names[part], rows[part], labels[part], margins[part], moment)
        return found

    def _batch(
        self,
        names: Sequence[str],
        rows: Rows,
        labels: Sequence[int],
        margins: npt.NDArray[np.float64],
        moment: float,
    ) -> Iterator[tuple[str, Alarm]]:
        self._free += self._left  # only now: nobody may get the rows of someone who was still in the last batch
        self._left.clear()
        clients = [self._clients.get(name) for name in names]
        numbers = np.array([client.number for client in clients])
        order = numbers.argsort(kind="stable")
        rows = rows[order]
        views = self._memory.view(numbers[order], rows)
        p_values = self._p_values(rows, views.usual, margins[order])
        asked = _Asked(rows, views, p_values, views.changed.sum(axis=1) <= _VARIED)
        kept: list[tuple[int, int, int]] = []
        places: list[Place] = []
        bent = views.straight.tolist()
        # as they are now: a slot may be given to another place before the batch is through
        before = [clients[i].places[slot] for i, slot in zip(order.tolist(), views.nearest.tolist(), strict=True)]
        for at, i in enumerate(order.tolist()):
            client, label = clients[i], labels[i]
            client.requests += 1
            place, square = asked.nearest(before[at], at, places)
            hints: list[tuple[Sign, float]] = []
            if bent[at]:
                hints.append((Sign.STRAIGHT, 0.0))
            else:
                client.evidence[Sign.STRAIGHT].miss()
            if place is not None and square < self._close:
                place.visit(label)
                if place.visits in _JUDGED:
                    hints += self._flips(client, place, views.squares[at])
            else:
                known, place = place if square < asked.near[at] else None, asked.place(at, label, self._levels)
                hints += self._new(client, known, asked, at)
                client.different += 1
                kept.append((client.number, client.places.remember(place), at))
            places.append(place)
            if hints or self._budget:
                for alarm in self._settle(client, hints, moment):
                    yield names[i], alarm
        self._memory.keep(kept, rows)

    def _new(self, client: Client, known: Place | None, asked: "_Asked", at: int) -> list[tuple[Sign, float]]:
        """What a request at a place of its own says, ``known`` being an earlier one in some distance."""
        varied, (strange_level, undecided_level) = asked.varied[at], self._levels
        hints = []
        if known is None or not known.strange:
            strange = self._tried(asked, at) if varied else asked.strange[at]
            if strange <= strange_level:
                hints.append((Sign.STRANGE, strange))
            else:
                client.evidence[Sign.STRANGE].miss()
        if not varied and (known is None or not known.undecided):
            undecided = asked.undecided[at]
            if undecided <= undecided_level:
                hints.append((Sign.UNDECIDED, undecided))
            else:
                client.evidence[Sign.UNDECIDED].miss()
        return hints

    def _p_values(self, rows: Rows, usual: Rows, margins: npt.NDArray[np.float64]) -> "_PValues":
        """P-values of how far rows are from known ones, and of how undecided the model is.

        The distance is that of the row as it is, or less how the client's rows differ on average, whichever is smaller:
        a population may drift as a whole, but that moves nobody's rows together who makes them up. Where a row is far
        out as it is, that the model is undecided is no second sign. Places are the larger the farther out they are, as
        rows lie the more apart (the local scale of Breunig et al., "LOF", SIGMOD 2000).
        """
        habits = self._habits
        distances, undecided = habits.distance(rows), habits.indecision(margins)
        strange = habits.distances.p_values(distances)
        near = self._near * np.maximum(1, _FAR * distances / habits.distances.scores[habits.distances.size // 2]) ** 2
        doubted = np.flatnonzero(strange <= self._levels[0])
        if len(doubted):
            undecided[doubted] = 1
            drift = self._habits.shape.shortened(usual[doubted], _DRIFT)
            strange[doubted] = np.maximum(strange[doubted], self._habits.strangeness(rows[doubted] - drift))
        return _PValues(strange, undecided, near)

    def _tried(self, asked: "_Asked", at: int) -> float:
        """P-value of a case tried out: how far out the changed values are."""
        row, base = asked.rows[at], asked.views.base[at]
        columns = np.flatnonzero(asked.views.changed[at]).tolist()
        shape, slack = self._habits.shape, _SLACK * self._habits.radius
        p_values = [shape.outlying(column, row[column], base[column], slack) for column in columns]
        return min([1.0, *(len(columns) * p_value for p_value in p_values)])

    def _flips(self, client: Client, place: Place, squares: Rows) -> list[tuple[Sign, float]]:
        """Whether the label flips at a place that is now to be judged, unless it does so nearby: that says it all."""
        near = (client.places[slot] for slot in np.flatnonzero(squares < self._near).tolist())
        if any(other is not None and other is not place and other.flipped for other in near):
            return []
        place.flipped = place.rarer > (0 if place.visits == _GLANCE else _DIVIDED)
        sign = Sign.GLANCED if place.visits == _GLANCE else Sign.SEARCHED
        return [(sign, 0.0 if place.flipped else 1.0)]

    def _settle(self, client: Client, hints: list[tuple[Sign, float]], moment: float) -> list[Alarm]:
        alarms = []
        for sign, p_value in hints:
            wealth = client.evidence[sign].add(p_value) / _SIGNS  # the error is shared among the signs
            if wealth >= self._enough:
                client.evidence[sign] = self._bounds.evidence(sign)
                alarms.append(Alarm(_KINDS[sign], moment, wealth, client.requests))
        if self._budget and client.different >= client.spent + self._budget:
            client.spent = client.different
            alarms.append(Alarm(AlarmKind.VOLUME, moment, float(client.different), client.requests))
        return alarms

    def _join(self) -> Client:
        number = self._free.pop() if self._free else self._numbers
        self._numbers = max(self._numbers, number + 1)
        self._memory.clear(number)
        return Client(number, [self._bounds.evidence(sign) for sign in Sign])

    def _leave(self, client: Client) -> None:
        self._left.append(client.number)


class _PValues(NamedTuple):
    """P-values [n] of requests, and squared distances within which an earlier place of the client is near."""

    strange: npt.NDArray[np.float64]
    undecided: npt.NDArray[np.float64]
    near: npt.NDArray[np.float64]


class _Asked:
    """What is known of the requests of a batch: p-values, and how they lie to what was asked before."""

    __slots__ = ("_apart", "_earlier", "_squares", "near", "rows", "strange", "undecided", "varied", "views")

    def __init__(self, rows: Rows, views: Views, p_values: "_PValues", varied: npt.NDArray[np.bool_]) -> None:
        self.rows, self.views, self.varied = rows, views, varied.tolist()
        self.strange, self.undecided = p_values.strange.tolist(), p_values.undecided.tolist()
        self.near = p_values.near.tolist()
        self._squares = views.squares.min(axis=1).tolist()
        self._earlier, self._apart = views.earlier.tolist(), views.apart.tolist()

    def place(self, at: int, label: int, levels: tuple[float, float]) -> Place:
        """Place of a request of its own."""
        return Place(label, self.strange[at] <= levels[0], self.undecided[at] <= levels[1])

    def nearest(self, before: Place | None, at: int, places: list[Place]) -> tuple[Place | None, float]:
        """Place nearest to a request, ``before`` this batch or in it, and its squared distance."""
        apart, square = self._apart[at], self._squares[at]
        return (places[self._earlier[at]], apart) if apart < square else (before, square)
