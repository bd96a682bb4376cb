"""Which requests of a client need not be looked at: most of those of one that has long shown nothing.

What is looked at is decided before anything is known of the request, so that bets on what is looked at are as fair as
bets on everything (``evidence``).
"""

from dataclasses import dataclass

import numpy as np

from secmlops.core.errors import InputError

CALM = 256
"""Requests after which a client that has shown nothing is calm."""
RUN = 16
"""Requests in a row that are looked at: lines and flips show in successive requests only."""


@dataclass(frozen=True, slots=True, eq=False)
class Attention:
    """On average a ``share`` of a calm client's requests is looked at, runs of ``RUN`` with random gaps between.

    ``generator`` draws the gaps: clients must not foresee them.
    """

    share: float
    generator: np.random.Generator

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise InputError(f"a share of {self.share} of the requests cannot be looked at", hint="above 0, at most 1")

    @property
    def longest(self) -> int:
        """Requests in a row that are passed over, at most."""
        return int(2 * RUN * (1 / self.share - 1))

    def gap(self) -> int:
        """Number of requests that are passed over now."""
        return int(self.generator.integers(self.longest + 1))


class Watched:
    """How closely one client is watched: ``requests`` of it so far, those passed over included."""

    __slots__ = ("_gap", "_run", "_wary", "requests")

    def __init__(self) -> None:
        self.requests = self._run = self._gap = 0
        self._wary = CALM

    def spared(self, attention: Attention) -> bool:
        """Whether the next request of the client is passed over."""
        if self._gap:
            self._gap -= 1
            self.requests += 1
            return True
        self._run += 1
        if self._run >= RUN and self.requests >= self._wary:
            self._run, self._gap = 0, attention.gap()
        return False

    def suspect(self) -> None:
        """Look at everything for a while: there is evidence."""
        self._gap, self._wary = 0, self.requests + CALM
