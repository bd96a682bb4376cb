"""The attack of decisions: from rows of another answer to the boundary, and along it, by labels alone."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from secmlops.attack.evasion.attack import Kind, Knowledge
from secmlops.attack.evasion.hop_skip_jump import HopSkipJump
from secmlops.attack.evasion.hunt import Hunt
from secmlops.attack.evasion.starts import begin
from secmlops.attack.evasion.walk import Walk


@dataclass(frozen=True, slots=True)
class Boundary:
    """HopSkipJump on the numbers, between walks that take back what is not needed.

    ``walked`` is the share of the queries that is kept for the last walk.
    """

    name: ClassVar[str] = "hop_skip_jump"
    kind: ClassVar[Kind] = Kind.DECISION

    walked: float = 0.25

    def obstacle(self, hunt: Hunt, knowledge: Knowledge, /) -> str:
        """Labels are always there."""
        return ""

    def run(self, hunt: Hunt, knowledge: Knowledge, generator: np.random.Generator, /) -> None:
        """Attack by what the model calls the rows."""
        begin(hunt, knowledge.pool, knowledge.outputs, generator)
        with hunt.limited(1 - self.walked):
            if hunt.allowed.price.size or hunt.allowed.integer.any():
                Walk(detours=0).run(hunt, hunt.best.copy(), generator)
            HopSkipJump().run(hunt, hunt.best.copy(), generator)
        Walk().run(hunt, hunt.best.copy(), generator)
