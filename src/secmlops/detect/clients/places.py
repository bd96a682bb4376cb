"""The places a client has asked about lately: a fixed number of rows, each standing for what is close to it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from secmlops.detect.detector import Rows

PLACES = 48
_VARIED = 2  # rows that differ notably in at most so many columns are one case tried out
_NOWHERE = np.float32(1e18)


@dataclass(slots=True)
class Place:
    """What is known of one remembered row and its closest surroundings.

    ``strange`` and ``undecided``: the row was suspicious itself. ``visits`` counts the rows close to it, itself
    included, ``others`` those with another label; ``flipped``: when it was judged, the label flipped there.
    """

    label: int
    strange: bool
    undecided: bool
    visits: int = 1
    others: int = 0
    flipped: bool = False


class Sighting(NamedTuple):
    """The place nearest to a row, if there is any, its slot and its distance."""

    place: Place | None
    slot: int
    distance: float


class Places:
    """At most ``PLACES`` rows of ``width`` columns; the one not visited for longest is forgotten first."""

    __slots__ = ("_places", "_rows", "_visited", "_visits")

    def __init__(self, width: int) -> None:
        self._rows = np.full((PLACES, width), _NOWHERE, np.float32)
        self._places: list[Place | None] = [None] * PLACES
        self._visited = np.zeros(PLACES, np.int64)
        self._visits = 0

    def sight(self, row: Rows) -> Sighting:
        """Place nearest to a row [width]."""
        squares = self._squares(row)
        slot = int(squares.argmin())
        return Sighting(self._places[slot], slot, float(squares[slot]) ** 0.5)

    def varies(self, row: Rows, slack: float) -> bool:
        """Whether some place is the same as ``row`` but for a column or two, or for ``slack`` in every other."""
        equal = np.count_nonzero(np.abs(self._rows - row) <= slack, axis=1)
        return int(equal.max()) >= self._rows.shape[1] - _VARIED

    def visit(self, place: Place, slot: int, label: int) -> None:
        """Note one more row close to the place at ``slot``."""
        place.visits += 1
        place.others += label != place.label
        self._touch(slot)

    def remember(self, row: Rows, place: Place) -> None:
        """Remember a row [width] as a place of its own."""
        slot = int(self._visited.argmin())
        self._rows[slot] = row
        self._places[slot] = place
        self._touch(slot)

    def flipped_nearby(self, slot: int, radius: float) -> bool:
        """Whether the label flipped at another place within ``radius`` of the one at ``slot``."""
        near = np.flatnonzero(self._squares(self._rows[slot]) < radius * radius)
        return any(place.flipped for i in near if i != slot and (place := self._places[i]) is not None)

    def _squares(self, row: Rows) -> Rows:
        apart = self._rows - row
        squares: Rows = np.einsum("ij,ij->i", apart, apart)
        return squares

    def _touch(self, slot: int) -> None:
        self._visits += 1
        self._visited[slot] = self._visits
