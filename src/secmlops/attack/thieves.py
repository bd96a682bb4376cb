"""Thieves of a model: each chooses what to ask next by what was answered so far.

A thief is a generator that yields rows to ask about and is sent the answers float64 [n, k] it gets: uniform random rows
(Tramer et al., USENIX Security 2016), Jacobian-based augmentation (Papernot et al., AsiaCCS 2017; Juuti et al., EuroS&P
2019), active learning (Pal et al., "ActiveThief", AAAI 2020), and natural rows, where the thief has some (Orekondy et
al., "Knockoff Nets", CVPR 2019).
"""

from collections.abc import Callable, Generator, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from secmlops.attack.imitation import Linear, Space
from secmlops.attack.oracle import Outputs
from secmlops.runtime.signature import Inputs

Client: TypeAlias = Generator[Inputs, Outputs, None]

SEEDS = 10
"""Natural rows that a thief begins with."""
_AT_ONCE = 20
_STEP = 0.1  # of a column's range
_POOL = 300
_PICKED = 10


def joined(parts: list[Inputs]) -> Inputs:
    """Return the rows of all parts, in order."""
    return Inputs(
        np.concatenate([part.numeric for part in parts]), np.concatenate([part.categorical for part in parts])
    )


def random_rows(space: Space, _seeds: Inputs, generator: np.random.Generator) -> Client:
    """Ask about uniform rows."""
    while True:
        yield space.draw(_AT_ONCE, generator)


def jacobian(space: Space, seeds: Inputs, generator: np.random.Generator) -> Client:
    """Ask about known rows moved along the sign of the copy's gradient, one way or the other."""
    asked, answered = [seeds], [(yield seeds)]
    while True:
        known, scores = joined(asked), np.concatenate(answered)
        weights = Linear.learn(space.design(known), scores).weights[: len(space.low)]
        sign = np.sign(weights[:, -1] + 1e-12 * generator.normal(size=len(weights)))
        base = known.take(generator.integers(len(known), size=_AT_ONCE))
        step = _STEP * (space.high - space.low) * sign * generator.uniform(0.5, 1.5, (_AT_ONCE, 1))
        step *= generator.choice([-1, 1], (_AT_ONCE, 1))
        moved = np.clip(base.numeric + step, space.low, space.high).astype(np.float32)
        fresh = space.draw(_AT_ONCE, generator).categorical
        anew = generator.random(fresh.shape) < 1 / 3
        rows = Inputs(moved, np.where(anew, fresh, base.categorical))
        asked.append(rows)
        answered.append((yield rows))


def active(space: Space, seeds: Inputs, generator: np.random.Generator) -> Client:
    """Ask about those of many random rows on which the copy is least sure."""
    asked, answered = [seeds], [(yield seeds)]
    while True:
        pool = space.draw(_POOL, generator)
        copy = Linear.learn(space.design(joined(asked)), np.concatenate(answered))
        rows = pool.take(np.argsort(_sureness(copy.predict(space.design(pool))))[:_PICKED])
        asked.append(rows)
        answered.append((yield rows))


def natural(rows: Inputs, generator: np.random.Generator) -> Client:
    """Ask about natural rows, each once, until there are no more."""
    order = generator.permutation(len(rows))
    for start in range(0, len(rows), _AT_ONCE):
        yield rows.take(order[start : start + _AT_ONCE])


def _sureness(scores: Outputs) -> Outputs:
    """Lead of the likeliest class [n]; of a regression, how near the prediction is to the usual."""
    if scores.shape[1] == 1:
        return -np.abs(scores[:, 0] - np.median(scores))
    two = np.partition(scores, -2, axis=1)[:, -2:]
    lead: Outputs = two[:, 1] - two[:, 0]
    return lead


THIEVES: Mapping[str, Callable[[Space, Inputs, np.random.Generator], Client]] = MappingProxyType(
    {"random": random_rows, "jacobian": jacobian, "active": active}
)
