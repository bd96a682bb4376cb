"""What a watch reports: that something is going on, of which kind, and how sure that is."""

from dataclasses import dataclass
from enum import StrEnum


class AlarmKind(StrEnum):
    """What the requests of a client look like."""

    STRANGE = "strange-queries"
    """Too many rows unlike any honest ones: extraction with synthetic queries."""
    BOUNDARY = "boundary-queries"
    """Too many rows on which the model is undecided: active learning, search for the boundary."""
    LINES = "line-search"
    """Too many rows on a line with the two before: bisection, interpolation."""
    FLIPS = "label-flips"
    """Too many neighbourhoods searched closely in which the label flips: a walk along the decision boundary."""
    VOLUME = "volume"
    """Another budget of different rows is used up: extraction with natural rows looks no different from use."""
    GUESSING = "guessing"
    """Too many refused credentials."""
    SCANNING = "scanning"
    """Too many different things asked for in vain."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm at ``moment`` (seconds), at request number ``requests`` of the client.

    ``strength`` is the evidence. For queries it is the wealth of a bet against honesty, which an honest client ever
    reaches with a probability of at most one in ``strength``; for the last three kinds the count over its limit.
    """

    kind: AlarmKind
    moment: float
    strength: float
    requests: int
