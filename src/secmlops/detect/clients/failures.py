"""Watches for guessing and scanning: counts of failures that fade, for one identity or one address."""

import math

from secmlops.core.errors import InputError
from secmlops.detect.clients.alarm import Alarm, AlarmKind

_SLOTS = 64
MOST_TARGETS = _SLOTS * math.log(_SLOTS)
"""The largest number of different targets that the slots can tell."""


class FailureWatch:
    """Counts failures of one kind, and the different targets they were about, over the last while.

    A failure counts 1 and fades by half in ``half_life`` seconds. Targets (a user name, a path, a model) are counted in
    64 slots by their hash (linear counting: Whang, Vander-Zanden and Taylor, 1990), a slot fading out after two
    half-lives, so that guessing one password at many accounts shows as well as many at one. Of constant size.
    """

    __slots__ = ("_armed", "_count", "_half_life", "_kind", "_limit", "_moment", "_seen", "_slots", "_targets")

    def __init__(self, kind: AlarmKind, *, limit: float, targets: float, half_life: float) -> None:
        """Alarm at ``limit`` failures or ``targets`` different targets; raises InputError unless all can be reached."""
        if limit < 1 or not 1 <= targets <= MOST_TARGETS or not 0 < half_life < math.inf:
            raise InputError(
                f"a watch cannot have limit {limit}, targets {targets} and half-life {half_life} s",
                hint=f"limit 1 or more, targets 1 to {MOST_TARGETS:.0f}, a positive half-life",
            )
        self._kind, self._limit, self._targets, self._half_life = kind, limit, targets, half_life
        self._count = 0.0
        self._moment = -math.inf
        self._slots = [-math.inf] * _SLOTS
        self._armed = True
        self._seen = 0

    def update(self, target: int, moment: float) -> tuple[Alarm, ...]:
        """Count a failure about ``target``, a keyed hash of its name, at ``moment`` (seconds).

        Clients must not foresee the hash. After an alarm the next one waits until both counts have fallen to half their
        limits. A clock that goes back makes nothing fade.
        """
        self._seen += 1
        self._count = self.count(moment) + 1
        self._moment = max(self._moment, moment)
        self._slots[target % _SLOTS] = self._moment
        over = max(self._count / self._limit, self.different(moment) / self._targets)
        if over < 0.5:
            self._armed = True
        if over < 1 or not self._armed:
            return ()
        self._armed = False
        return (Alarm(self._kind, moment, self._count, self._seen),)

    def count(self, moment: float) -> float:
        """Failures so far, faded to ``moment``."""
        if self._count == 0:
            return 0.0
        return self._count * math.exp2(-max(moment - self._moment, 0.0) / self._half_life)

    def different(self, moment: float) -> float:
        """Estimated number of different targets lately."""
        free = sum(moment - seen > 2 * self._half_life for seen in self._slots)
        return _SLOTS * math.log(_SLOTS / free) if free else MOST_TARGETS
