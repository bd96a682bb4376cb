"""The one shape of all ways to make a model robust: ever stronger models of the same rows, the plain one first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from secmlops.attack.evasion.perturbations import Perturbations
from secmlops.runtime.signature import Inputs
from secmlops.training.models import Estimator
from secmlops.training.robust.hardened import Standing
from secmlops.training.robust.rows import Bench, Labels
from secmlops.training.robust.settings import RobustSettings


@dataclass(frozen=True, slots=True)
class Task:
    """How models are fitted, what they are to withstand, and what the adversary may do."""

    bench: Bench
    settings: RobustSettings
    allowed: Perturbations


class Ladder(Protocol):
    """Climbs from the plain model to models that withstand more."""

    @property
    def patience(self) -> int:
        """Rounds without a gain after which no more are tried."""
        ...

    def rungs(self, rows: Inputs, target: Labels, seed: int, /) -> Iterator[Estimator]:
        """Yield the plain estimator of ``rows`` [n], and after each round the next one; as many as are asked for."""
        ...

    def standing(self, estimator: Estimator, rows: Inputs, target: Labels, seed: int, /) -> Standing:
        """How many of ``rows`` [n] the estimator has right, as they are and under changes within the budget."""
        ...
