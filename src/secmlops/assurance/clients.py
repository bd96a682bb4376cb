"""Simulated clients of a model: thieves who choose what to ask by what was answered, and honest customers.

A client is a generator that yields rows to ask about and is sent the answers float64 [n, k] it gets. Thieves: uniform
random rows (Tramer et al., USENIX Security 2016), Jacobian-based augmentation (Papernot et al., AsiaCCS 2017; Juuti et
al., EuroS&P 2019) and active learning (Pal et al., "ActiveThief", AAAI 2020).
"""

from collections.abc import Callable, Generator, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from secmlops.assurance.imitation import Linear, Space
from secmlops.assurance.subject import Outputs
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


def _sureness(scores: Outputs) -> Outputs:
    """Lead of the likeliest class [n]; of a regression, how near the prediction is to the usual."""
    if scores.shape[1] == 1:
        return -np.abs(scores[:, 0] - np.median(scores))
    two = np.partition(scores, -2, axis=1)[:, -2:]
    lead: Outputs = two[:, 1] - two[:, 0]
    return lead


def independent(rows: Inputs, generator: np.random.Generator) -> Client:
    """Ask about one honest row after the other."""
    while True:
        yield rows.take(generator.integers(len(rows), size=_AT_ONCE))


def bursty(rows: Inputs, generator: np.random.Generator) -> Client:
    """Ask about bursts of rows with like values in one column."""
    columns = np.concatenate([rows.numeric, _codes(rows)], axis=1)
    while True:
        by = columns[:, generator.integers(columns.shape[1])]
        near = np.argsort(np.abs(by - by[generator.integers(len(rows))]), kind="stable")
        yield rows.take(generator.permutation(near[: max(_AT_ONCE, len(rows) // 5)])[:_AT_ONCE])


def over_and_over(rows: Inputs, generator: np.random.Generator) -> Client:
    """Ask about one to five cases for ever, with a number of another case tried out now and then."""
    cases = rows.take(generator.integers(len(rows), size=generator.integers(1, 6)))
    while True:
        asked = cases.take(generator.integers(len(cases), size=_AT_ONCE))
        numeric = asked.numeric.copy()
        if numeric.shape[1]:
            tried = np.flatnonzero(generator.random(_AT_ONCE) < 1 / 3)
            column = generator.integers(numeric.shape[1], size=len(tried))
            numeric[tried, column] = rows.numeric[generator.integers(len(rows), size=len(tried)), column]
        yield Inputs(numeric, asked.categorical)


def batch(rows: Inputs, generator: np.random.Generator) -> Client:
    """Ask about a part of the table, all that are low or high in one column, in the order the watch gives to tables."""
    columns = np.concatenate([rows.numeric, _codes(rows)], axis=1)
    order = np.argsort(columns[:, generator.integers(columns.shape[1])], kind="stable")
    part = order[:: generator.choice([-1, 1])][: max(1, int(len(rows) * generator.uniform(0.3, 1)))]
    while True:
        yield rows.take(generator.permutation(part))


def _codes(rows: Inputs) -> Outputs:
    """Categories as numbers float64 [n, q]."""
    codes = [np.unique(column.astype(str), return_inverse=True)[1] for column in rows.categorical.T]
    return np.stack(codes, axis=1).astype(np.float64) if codes else np.empty((len(rows), 0))


THIEVES: Mapping[str, Callable[[Space, Inputs, np.random.Generator], Client]] = MappingProxyType(
    {"random": random_rows, "jacobian": jacobian, "active": active}
)
HONEST: Mapping[str, Callable[[Inputs, np.random.Generator], Client]] = MappingProxyType(
    {"independent": independent, "bursty": bursty, "over_and_over": over_and_over, "batch": batch}
)
