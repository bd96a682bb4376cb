"""Simulated honest customers of a model: generators that yield rows to ask about, whatever is answered."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from secmlops.assurance.subject import Outputs
from secmlops.attack.thieves import Client
from secmlops.runtime.signature import Inputs

_AT_ONCE = 20


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


HONEST: Mapping[str, Callable[[Inputs, np.random.Generator], Client]] = MappingProxyType(
    {"independent": independent, "bursty": bursty, "over_and_over": over_and_over, "batch": batch}
)
