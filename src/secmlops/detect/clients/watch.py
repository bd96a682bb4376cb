"""Watches the queries of one client for model extraction and for walks along the decision boundary.

PRADA (Juuti et al., EuroS&P 2019) asks whether the distances between a client's queries are normally distributed, and
so alarms on an honest customer who repeats requests. Here each request has p-values under what honest requests look
like, of its distance from known rows and of how undecided the model is; and what is close to an earlier request of the
same client adds nothing to these: a customer may ask about one case for ever. Close by, the watch looks at the label
instead: around one case in many it flips, around every point of a boundary walk it does. And bisection, in however many
columns, shows as rows on one line.

Extraction with rows drawn from the true population looks no different from use; only ``budget`` stands against that.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from secmlops.core.errors import InputError
from secmlops.detect.clients.alarm import Alarm, AlarmKind
from secmlops.detect.clients.habits import Habits
from secmlops.detect.clients.lines import Step, straight
from secmlops.detect.clients.places import Place, Places
from secmlops.detect.clients.settings import Bounds, Sign
from secmlops.detect.detector import Rows

_CLOSE = 0.25  # of the habitual radius: requests that near are one place
_SLACK = 0.125  # of the habitual radius, in one column
_GLANCE, _SEARCH = 3, 12  # visits after which a place is judged, and judged again
_DIVIDED = 0.25  # share of the rarer label at a place where it flips
_KINDS = {
    Sign.STRANGE: AlarmKind.STRANGE,
    Sign.UNDECIDED: AlarmKind.BOUNDARY,
    Sign.STRAIGHT: AlarmKind.LINES,
    Sign.GLANCED: AlarmKind.FLIPS,
    Sign.SEARCHED: AlarmKind.FLIPS,
}


class ClientWatch:
    """What is remembered of one client, of constant size. Not to be used by several threads at once.

    ``requests`` counts all, ``different`` those that were not close to an earlier one.
    """

    __slots__ = (
        "_evidence",
        "_habits",
        "_last",
        "_places",
        "_radius",
        "_settings",
        "_spent",
        "_step",
        "_strange",
        "_undecided",
        "different",
        "requests",
    )

    def __init__(self, habits: Habits, settings: Bounds) -> None:
        self._habits, self._settings = habits, settings
        self._radius = habits.radius
        self._places = Places(habits.neighbours.width)
        self._last: Rows | None = None
        self._step: Step | None = None
        self._evidence = {sign: settings.evidence(sign) for sign in Sign}
        self._strange, self._undecided = settings.strange[-1][0], settings.undecided[-1][0]
        self._spent = 0
        self.requests = 0
        self.different = 0

    def update(
        self, row: Rows, label: int, margin: float, moment: float, distance: float | None = None
    ) -> tuple[Alarm, ...]:
        """Take in one request and its answer; returns the alarms it raises, after which their evidence starts anew.

        ``row`` float32 [p] as the habits' neighbours take it; ``margin`` as in ``Habits.learn``, NaN where there is
        none; ``moment`` in seconds; ``distance`` the neighbours' score of the row, where a guard knows it already. A
        row with NaN counts as strange.
        """
        return self._settle(self._judge(row, label, margin, distance), moment)

    def update_batch(
        self,
        rows: Rows,
        labels: Sequence[int],
        margins: npt.NDArray[np.float64],
        moment: float,
        generator: np.random.Generator,
    ) -> tuple[Alarm, ...]:
        """Take in the rows [n, p] of one request in random order, so that a sorted table is no run of strange rows.

        Raises InputError when the lengths differ.
        """
        if not len(rows) == len(labels) == len(margins):
            raise InputError(f"{len(rows)} rows, {len(labels)} labels and {len(margins)} margins do not fit together")
        distances = self._habits.neighbours.score(rows)
        return tuple(
            alarm
            for i in generator.permutation(len(rows)).tolist()
            for alarm in self.update(rows[i], labels[i], float(margins[i]), moment, float(distances[i]))
        )

    def _judge(self, row: Rows, label: int, margin: float, distance: float | None) -> dict[Sign, float]:
        """P-values of what can be said of the request; one that is small or 0 speaks against the client."""
        self.requests += 1
        scaled = self._habits.neighbours.scaled(row)
        sighting = self._places.sight(scaled)
        if math.isnan(sighting.distance):  # no number can be compared with it: nothing to remember
            return {Sign.STRANGE: 0.0}
        p_values = self._line(scaled)
        if sighting.place is not None and sighting.distance < _CLOSE * self._radius:
            self._places.visit(sighting.place, sighting.slot, label)
            return p_values | self._flips(sighting.place, sighting.slot)
        self.different += 1
        if distance is None:
            distance = float(self._habits.neighbours.distances(scaled[None])[0])
        strange = self._habits.distances.p_value(distance)
        undecided = 1.0 if math.isnan(margin) else self._habits.closeness.p_value(-abs(margin))
        known = sighting.place if sighting.distance < self._radius else None
        if not (known and known.strange):
            tried_out = strange <= self._strange and self._places.varies(scaled, _SLACK * self._radius)
            p_values[Sign.STRANGE] = 1.0 if tried_out else strange
        if not (known and known.undecided):
            p_values[Sign.UNDECIDED] = undecided
        self._places.remember(scaled, Place(label, strange <= self._strange, undecided <= self._undecided))
        return p_values

    def _line(self, scaled: Rows) -> dict[Sign, float]:
        """Whether the request lies on a line with the two before."""
        last, self._last = self._last, scaled
        if last is None:
            return {}
        earlier, self._step = self._step, Step.between(last, scaled)
        return {} if earlier is None else {Sign.STRAIGHT: 0.0 if straight(self._step, earlier) else 1.0}

    def _flips(self, place: Place, slot: int) -> dict[Sign, float]:
        """Whether the label flips at a place that is now to be judged, unless it does so nearby: that says it all."""
        if place.visits not in {_GLANCE, _SEARCH} or self._places.flipped_nearby(slot, self._radius):
            return {}
        rarer = min(place.others, place.visits - place.others) / place.visits
        place.flipped = rarer > (0 if place.visits == _GLANCE else _DIVIDED)
        sign = Sign.GLANCED if place.visits == _GLANCE else Sign.SEARCHED
        return {sign: 0.0 if place.flipped else 1.0}

    def _settle(self, p_values: dict[Sign, float], moment: float) -> tuple[Alarm, ...]:
        alarms = []
        for sign, p_value in p_values.items():
            wealth = self._evidence[sign].add(p_value) / len(Sign)  # the error is shared among the signs
            if wealth * self._settings.error >= 1:
                alarms.append(Alarm(_KINDS[sign], moment, wealth, self.requests))
                self._evidence[sign] = self._settings.evidence(sign)
        if self._settings.budget and self.different >= self._spent + self._settings.budget:
            self._spent = self.different
            alarms.append(Alarm(AlarmKind.VOLUME, moment, float(self.different), self.requests))
        return tuple(alarms)
