"""Transfer: a surrogate is learned from what the model said of the attacker's rows, and its slopes are climbed instead.

Papernot et al., "Practical Black-Box Attacks against Machine Learning" (AsiaCCS 2017); Demontis et al., "Why Do
Adversarial Attacks Transfer?" (USENIX Security 2019). The surrogate is smooth, ridge regression on Gaussian radial
basis functions of the numbers, so that it has a slope where the model itself shows none, or hides it.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from secmlops.attack.evasion.ascent import Aim, slope_of, unit_step, within
from secmlops.attack.evasion.attack import Kind, Knowledge, Pull
from secmlops.attack.evasion.climbing import back_to_boundary, budgets_of
from secmlops.attack.evasion.hunt import Hunt
from secmlops.attack.evasion.moves import Matrix, Moves
from secmlops.attack.oracle import Outputs
from secmlops.runtime.signature import Inputs

_LEAST = 20
_RIDGE = 1e-2


@dataclass(frozen=True, slots=True)
class Surrogate:
    """Scores as radial basis functions around ``rows`` [m, p], in units of ``spread`` [p] around ``centre`` [p].

    ``weights`` are [m, k], ``base`` [k], and ``width`` is that of the functions.
    """

    rows: Matrix
    weights: Matrix
    base: Matrix
    centre: Matrix
    spread: Matrix
    width: float

    @classmethod
    def learn(cls, pool: Inputs, outputs: Outputs) -> "Surrogate":
        """Learn from rows [m] and the model's answers [m, k] to them."""
        numbers = pool.numeric.astype(np.float64)
        missing = np.isnan(numbers)
        centre = np.nanmean(np.where(missing.all(axis=0), 0.0, numbers), axis=0)
        numbers = np.where(missing, centre, numbers)
        spread = np.where(numbers.std(axis=0) > 0, numbers.std(axis=0), 1.0)
        rows = (numbers - centre) / spread
        width, base = float(np.sqrt(rows.shape[1])), outputs.mean(axis=0)
        gram = _kernel(rows, rows, width) + _RIDGE * np.eye(len(rows))
        return cls(rows, np.linalg.solve(gram, outputs - base), base, centre, spread, width)

    def gradient(self, inputs: Inputs, pull: Pull) -> Outputs:
        """Derivative [n, p] by the numbers of what ``pull`` makes larger."""
        numbers = inputs.numeric.astype(np.float64)
        rows = (np.where(np.isnan(numbers), self.centre, numbers) - self.centre) / self.spread
        near = _kernel(rows, self.rows, self.width)
        pulled = near * (pull(near @ self.weights + self.base) @ self.weights.T)
        slopes: Outputs = (pulled @ self.rows - pulled.sum(axis=1, keepdims=True) * rows) / self.width**2
        return slopes / self.spread


@dataclass(frozen=True, slots=True)
class Transfer:
    """Climbs ``steps`` steps along the surrogate's slopes for each budget, and then asks the model about the end."""

    name: ClassVar[str] = "transfer"
    kind: ClassVar[Kind] = Kind.TRANSFER

    steps: int = 20
    stride: float = 0.15

    def obstacle(self, hunt: Hunt, knowledge: Knowledge, /) -> str:
        """Say why there is nothing to learn a surrogate from."""
        if len(knowledge.pool) < _LEAST:
            return f"a surrogate needs {_LEAST} rows to learn from, there are {len(knowledge.pool)}"
        return "" if hunt.free.any() else "no number may be changed"

    def run(self, hunt: Hunt, knowledge: Knowledge, generator: np.random.Generator, /) -> None:
        """Climb the surrogate inside the ball of each budget, the largest first."""
        surrogate = Surrogate.learn(knowledge.pool, knowledge.outputs)
        places = hunt.open_rows()
        for budget in budgets_of(hunt):
            moves = hunt.unchanged(places)
            for _ in range(self.steps):
                slopes, _ = slope_of(hunt, surrogate.gradient, places, moves, Aim(scores=True))
                step = self.stride * budget * unit_step(hunt.allowed.norm, slopes)
                bounded = within(hunt.allowed.norm, moves.shift + step, np.full(len(places), budget))
                moves = Moves(hunt.inside(places, bounded), moves.codes)
            _, margins = hunt.ask(places, moves)
            places = places[(margins < 0) & (hunt.queries[places] < hunt.limit)]
            if not len(places):
                break
        back_to_boundary(hunt)


def _kernel(one: Matrix, other: Matrix, width: float) -> Matrix:
    squares = (one * one).sum(axis=1)[:, None] + (other * other).sum(axis=1) - 2 * one @ other.T
    kernel: Matrix = np.exp(-np.maximum(squares, 0) / (2 * width**2))
    return kernel
