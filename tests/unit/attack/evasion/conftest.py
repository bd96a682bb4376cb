"""Models whose robustness is known in closed form, and hunts on rows of theirs."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from secmlops.attack.evasion.attack import Knowledge, Pull
from secmlops.attack.evasion.hunt import Effort, Hunt, Targets
from secmlops.attack.evasion.perturbations import Perturbations
from secmlops.attack.oracle import Oracle, Outputs
from secmlops.runtime.signature import Inputs


@dataclass(frozen=True)
class Plane:
    """A logistic model of numbers: the distance of a row to its boundary is |w.x + b| / |w|."""

    weights: np.ndarray
    bias: float = 0.0

    def odds(self, inputs: Inputs) -> np.ndarray:
        return inputs.numeric.astype(np.float64) @ self.weights + self.bias

    def predict(self, inputs: Inputs) -> Outputs:
        event = 1 / (1 + np.exp(-np.clip(self.odds(inputs), -500, 500)))
        return np.stack([1 - event, event], axis=1)

    def gradient(self, inputs: Inputs, pull: Pull) -> Outputs:
        outputs = self.predict(inputs)
        weight = pull(outputs)
        slope = outputs[:, 0] * outputs[:, 1] * (weight[:, 1] - weight[:, 0])
        return slope[:, None] * self.weights

    def distance(self, inputs: Inputs) -> np.ndarray:
        return np.abs(self.odds(inputs)) / np.linalg.norm(self.weights)


def numbers(values: np.ndarray) -> Inputs:
    return Inputs(np.asarray(values, np.float32), np.empty((len(values), 0), object))


@dataclass(frozen=True)
class World:
    """Rows of a plane, with the answers that it gives to them, and a pool that an attacker has."""

    plane: Plane
    rows: Inputs
    pool: Inputs

    @property
    def knowledge(self) -> Knowledge:
        return Knowledge(self.pool, self.plane.predict(self.pool), self.plane.gradient)

    @property
    def targets(self) -> Targets:
        return Targets(self.rows, self.plane.predict(self.rows).argmax(axis=1))

    def allowed(self, **changes: object) -> Perturbations:
        width = self.rows.numeric.shape[1]
        wide = Perturbations(
            low=np.full(width, -100.0),
            high=np.full(width, 100.0),
            unit=np.ones(width),
            integer=np.zeros(width, bool),
            choices=(),
            price=np.empty(0),
            sums=np.empty((0, width)),
        )
        return dataclasses.replace(wide, **changes)

    def hunt(self, limit: int = 1_000, oracle: Oracle | None = None, **changes: object) -> Hunt:
        return Hunt(self.targets, oracle or self.plane.predict, self.allowed(**changes), Effort(limit))


@pytest.fixture(scope="session")
def plane_world() -> World:
    generator = np.random.default_rng(3)
    plane = Plane(generator.normal(size=8), 0.3)
    return World(plane, numbers(generator.normal(size=(20, 8))), numbers(generator.normal(size=(60, 8))))


@pytest.fixture(scope="session")
def rows_of() -> Callable[[np.ndarray], Inputs]:
    return numbers
