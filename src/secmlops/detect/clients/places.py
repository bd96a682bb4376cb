"""The places a client has asked about lately: a fixed number of rows, each standing for what is close to it."""

from collections.abc import Iterator
from dataclasses import dataclass

PLACES = 32


@dataclass(slots=True)
class Place:
    """What is known of one remembered row and its closest surroundings.

    ``strange`` and ``undecided``: the row was suspicious itself. ``visits`` counts the rows close to it, itself
    included, ``others`` those with another label; ``flipped``: when it was judged, the label flipped there. ``recent``:
    visited since the hand last passed.
    """

    label: int
    strange: bool = False
    undecided: bool = False
    visits: int = 1
    others: int = 0
    flipped: bool = False
    recent: bool = False

    def visit(self, label: int) -> None:
        """Note one more row close to this one."""
        self.visits += 1
        self.others += label != self.label
        self.recent = True

    @property
    def rarer(self) -> float:
        """Share of the rarer label."""
        return min(self.others, self.visits - self.others) / self.visits


class Places:
    """At most ``PLACES`` places.

    The next to be forgotten is one not visited lately (clock algorithm: Corbato, "A paging experiment with the Multics
    system", 1969).
    """

    __slots__ = ("_hand", "_places")

    def __init__(self) -> None:
        self._places: list[Place | None] = [None] * PLACES
        self._hand = 0

    def __getitem__(self, slot: int) -> Place | None:
        return self._places[slot]

    def __iter__(self) -> Iterator[Place | None]:
        return iter(self._places)

    def remember(self, place: Place) -> int:
        """Remember a place; returns its slot."""
        while (known := self._places[self._hand]) is not None and known.recent:
            known.recent = False
            self._hand = (self._hand + 1) % PLACES
        slot, self._hand = self._hand, (self._hand + 1) % PLACES
        self._places[slot] = place
        return slot
