"""The one shape of all attacks: what they know beside the hunt, and what they need before they can run."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol, TypeAlias

import numpy as np

from secmlops.attack.evasion.hunt import Hunt
from secmlops.attack.oracle import Outputs
from secmlops.runtime.signature import Inputs

Pull: TypeAlias = Callable[[Outputs], Outputs]
"""From the outputs [m, k] to how much each of them counts [m, k]: the derivative of what is to be made larger."""
Gradient: TypeAlias = Callable[[Inputs, Pull], Outputs]
"""Derivative float64 [m, p] by the numeric inputs [m, p] of what a pull says is to be made larger."""


class Kind(StrEnum):
    """What an attack looks at: labels, scores, slopes, or another model."""

    DECISION = "decision"
    SCORE = "score"
    GRADIENT = "gradient"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What an attacker has: rows of a ``pool`` [m] with the model's ``outputs`` [m, k], and perhaps its gradient.

    ``no_gradient`` says why there is none.
    """

    pool: Inputs
    outputs: Outputs
    gradient: Gradient | None = None
    no_gradient: str = "the model shows no gradient"


class Attack(Protocol):
    """Changes the rows of a hunt until its queries are used up or its rows are done."""

    name: ClassVar[str]
    kind: ClassVar[Kind]

    def obstacle(self, hunt: Hunt, knowledge: Knowledge, /) -> str:
        """Say why the attack cannot be run on these rows; empty when it can."""
        ...

    def run(self, hunt: Hunt, knowledge: Knowledge, generator: np.random.Generator, /) -> None:
        """Attack; what was found lies in the hunt."""
        ...
