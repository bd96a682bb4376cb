"""How much oftener values come together than they would if the table were what its smaller margins say.

Measured in nats and scaled by what is usual in the table (an empirical null: Efron, JASA 2004): columns that go
together by nature make any combination look planted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.data.poisoning.items import Coded

_DRAWN = 200
_QUANTILE, _NORMAL = 0.9, 1.2816  # of the standard normal distribution
_LEAST_EXPECTED = 0.05
MOST = 12.0  # nats: never a verdict by itself

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Lift:
    """``spread`` of the usual lifts, as signed roots, by number of columns."""

    columns: Sequence[Coded]
    spread: tuple[float, ...]

    @classmethod
    def of(cls, columns: Sequence[Coded], least: int, generator: np.random.Generator) -> "Lift":
        """Learn what is usual from pairs and triples of items that rows drawn by chance hold."""
        spread = []
        for width in (1, 2, 3):
            lifts = [_root(columns, rows, places) for places, rows in _sample(columns, width, least, generator)]
            tail = float(np.quantile(lifts, _QUANTILE)) if lifts else 0.0
            spread.append(max(tail / _NORMAL, 1.0))
        return cls(columns, tuple(spread))

    def nats(self, places: tuple[int, ...], rows: Rows) -> float:
        """Evidence of the count of an itemset: 0 for a single value, at most ``MOST``."""
        root = _root(self.columns, rows, places) / self.spread[len(places) - 1]
        return min(max(root, 0.0) ** 2 / 2, MOST)


def _sample(
    columns: Sequence[Coded], width: int, least: int, generator: np.random.Generator
) -> list[tuple[tuple[int, ...], Rows]]:
    drawn = []
    if 1 < width <= len(columns):
        for _ in range(_DRAWN):
            row = int(generator.integers(len(columns[0].codes)))
            places = tuple(sorted(generator.choice(len(columns), width, replace=False).tolist()))
            rows = np.flatnonzero(np.logical_and.reduce(_held(columns, places, row)))
            exact = all(columns[place].codes[row] < columns[place].items for place in places)
            if exact and len(rows) >= least:
                drawn.append((places, rows))
    return drawn


def _held(columns: Sequence[Coded], places: tuple[int, ...], row: int) -> list[npt.NDArray[np.bool_]]:
    return [columns[place].codes == columns[place].codes[row] for place in places]


def _root(columns: Sequence[Coded], rows: Rows, places: tuple[int, ...]) -> float:
    """Signed root of twice the Poisson deviance of the count."""
    if len(places) == 1:
        return 0.0
    held, count = _held(columns, places, int(rows[0])), len(rows)
    expected = max(_pair(held, count) if len(places) == 2 else _triple(held, count), _LEAST_EXPECTED)
    deviance = count * np.log(count / expected) - (count - expected)
    return float(np.sign(count - expected) * np.sqrt(2 * max(deviance, 0.0)))


def _pair(held: list[npt.NDArray[np.bool_]], count: int) -> float:
    first, second = (int(np.count_nonzero(one)) for one in held)
    return _independent(first, second, count, len(held[0]))


def _triple(held: list[npt.NDArray[np.bool_]], count: int) -> float:
    """The most that a pair and a value explain, or two pairs that share a value."""
    singles = [int(np.count_nonzero(one)) for one in held]
    pairs = [int(np.count_nonzero(held[a] & held[b])) for a, b in ((1, 2), (0, 2), (0, 1))]
    apart = [_independent(pair, single, count, len(held[0])) for pair, single in zip(pairs, singles, strict=True)]
    through = [_independent(pairs[a], pairs[b], count, singles[c]) for a, b, c in ((1, 2, 0), (0, 2, 1), (0, 1, 2))]
    return max(*apart, *through)


def _independent(one: int, two: int, both: int, total: int) -> float:
    """Rows that would have both of two independent properties, judged by those that have one of them or neither."""
    return (one - both) * (two - both) / max(total - one - two + both, 1)
