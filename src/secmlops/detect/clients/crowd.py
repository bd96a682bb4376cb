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

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError
from secmlops.detect.clients.alarm import Alarm, AlarmKind
from secmlops.detect.clients.attention import Attention
from secmlops.detect.clients.client import Asked, Client, Hint, Rules
from secmlops.detect.clients.evidence import Bets
from secmlops.detect.clients.habits import Habits
from secmlops.detect.clients.levels import Levels
from secmlops.detect.clients.memory import AT_ONCE, Memory
from secmlops.detect.clients.places import PLACES, Place
from secmlops.detect.clients.settings import Bounds, Sign
from secmlops.detect.clients.table import Table
from secmlops.detect.detector import Rows

_SIGNS = len(Sign)
_CLOSE = 0.25  # of the habitual radius: requests that near are one place
_SLACK = 0.125  # of the habitual radius, in one column
_FAR = 0.5  # of how much farther out a row is than usual, by so much larger is what is near to it
_TOLERANCE = 0.3  # by how much any row may be off before it counts, in standard deviations, times the level
_DRIFT = 1.0  # by how much a client's population may differ on average, in standard deviations
_SUSPECT = 0.1  # wealth of a bet at which everything is looked at
_KINDS = {
    Sign.STRANGE: AlarmKind.STRANGE,
    Sign.UNDECIDED: AlarmKind.BOUNDARY,
    Sign.STRAIGHT: AlarmKind.LINES,
    Sign.GLANCED: AlarmKind.FLIPS,
    Sign.SEARCHED: AlarmKind.FLIPS,
}


class Crowd:
    """The clients of a model, at most ``size`` of them remembered. Not to be used by several threads at once.

    What one client asks never changes what is said of another, unless it is forgotten (``Table``); and how requests
    are divided into batches changes nothing, but for the rounding of sums.
    """

    def __init__(self, habits: Habits, bounds: Bounds, size: int) -> None:
        self._habits, self._bounds = habits, bounds
        self._clients = Table(size, self._join, self._leave)
        slack = _SLACK * habits.radius
        self._memory = Memory(habits.width, habits.numeric)
        self._numbers = 0
        self._free: list[int] = []
        self._left: list[int] = []
        self._strange = Levels.of(habits.distances, bounds.strange, _TOLERANCE)
        self._undecided = Levels.of(habits.closeness, bounds.undecided)
        self._usual_distance = float(habits.distances.scores[habits.distances.size // 2])
        bets = Bets.against(bounds.strange), Bets.against(bounds.undecided)
        self._rules = Rules((_CLOSE * habits.radius) ** 2, habits.radius**2, slack, habits.shape, *bets)

    def spares(self, name: str, attention: Attention) -> bool:
        """Whether the next request of that client is passed over: it need not be given to ``update``."""
        client = self._clients.regular(name)
        return client is not None and client.watched.spared(attention)

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
        for start in range(0, len(rows), AT_ONCE):
            part = slice(start, start + AT_ONCE)
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
        numbers, turns = numbers[order], order.tolist()
        asked = self._asked(numbers, rows[order], [labels[i] for i in turns], margins[order])
        for client in set(clients):
            client.columns = np.arange(PLACES)
        kept: tuple[list[int], list[int], list[int]] = [], [], []
        for at, i in enumerate(turns):
            client, hints = clients[i], list[Hint]()
            if asked.quiet[at]:
                client.passed()
                place: Place | None = Place(asked.labels[at])
            else:
                hints, place = client.judge(asked, at, self._rules)
            if place is not None:
                kept[0].append(client.number)
                kept[1].append(client.remember(place, at))
                kept[2].append(at)
            if hints or self._bounds.budget:
                for alarm in self._settle(client, hints, moment):
                    yield names[i], alarm
        if kept[0]:
            self._memory.keep(kept[0], kept[1], asked.views.rows[kept[2]])

    def _asked(
        self, numbers: npt.NDArray[np.intp], rows: Rows, labels: list[int], margins: npt.NDArray[np.float64]
    ) -> Asked:
        """What is known of requests, in the order of clients.

        The distance is that of the row as it is, or less how the client's rows differ on average, whichever is smaller:
        a population may drift as a whole, but that moves nobody's rows together who makes them up. Where known rows lie
        densely, a small drift puts every row a little beyond: hence the tolerance, mainly for the large levels. Where a
        row is far out as it is, that the model is undecided is no second sign. Rows far out are near to one another at
        half their distance from known rows: out there, rows lie the more apart.
        """
        habits = self._habits
        views = self._memory.view(numbers, rows, habits.shape)
        distances = habits.distance(rows)
        strange = self._strange.cells(distances)
        undecided = self._undecided.cells(habits.indecision(margins))
        near = np.maximum(self._usual_distance, _FAR * distances) ** 2
        doubted = np.flatnonzero(strange < len(self._strange.beyond))
        if len(doubted):
            undecided[doubted] = len(self._undecided.beyond)
            drift = habits.shape.shortened(self._memory.usual(numbers, rows, doubted), _DRIFT)
            moved = self._strange.cells(habits.distance(rows[doubted] - drift))
            strange[doubted] = np.maximum(strange[doubted], moved)
        self._memory.note(numbers, rows)
        alone = views.squares.min(axis=1) >= self._rules.near
        quiet = alone & ~(views.alike | views.straight)
        quiet &= (strange == len(self._strange.beyond)) & (undecided == len(self._undecided.beyond))
        told = (quiet, strange, undecided, near, alone, views.alike, views.straight)
        return Asked(views, labels, *(each.tolist() for each in told))

    def _settle(self, client: Client, hints: list[Hint], moment: float) -> list[Alarm]:
        alarms = []
        for sign, cell in hints:
            wealth = client.evidence[sign].add(cell) / _SIGNS  # the error is shared among the signs
            if wealth >= _SUSPECT:
                client.watched.suspect()
            if wealth * self._bounds.error >= 1:
                client.evidence[sign] = self._bounds.evidence(sign)
                alarms.append(Alarm(_KINDS[sign], moment, wealth, client.watched.requests))
        budget = self._bounds.budget
        if budget and client.different >= client.spent + budget:
            client.spent = client.different
            alarms.append(Alarm(AlarmKind.VOLUME, moment, float(client.different), client.watched.requests))
        return alarms

    def _join(self) -> Client:
        number = self._free.pop() if self._free else self._numbers
        self._numbers = max(self._numbers, number + 1)
        self._memory.clear(number)
        return Client(number, self._bounds)

    def _leave(self, client: Client) -> None:
        self._left.append(client.number)
