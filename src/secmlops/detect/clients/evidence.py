"""Evidence that grows while one watches: bets against honesty whose winnings bound the probability of a false alarm.

A client is taken for honest while, whatever went before, at most a share ``bound`` of its requests has a p-value up to
``level``. Against that a unit of money is bet, at fair odds or worse: who is honest multiplies it by W with probability
at most 1/W, however long one watches (Ville's inequality; Vovk, Gammerman and Shafer 2005, chapter 7; Ramdas et al.,
"Game-theoretic statistics and safe anytime-valid inference", 2023). As an attack may begin at any time, the money is
split over all starting times, 1/(t(t+1)) for the t-th: starting after t requests costs a factor of about t squared, and
the bound still holds for the whole life of a client.
"""

from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from secmlops.core.errors import InputError

Shares: TypeAlias = tuple[tuple[float, float], ...]
"""Levels of p-values, rising, each with the largest share of p-values up to it that is honest."""

_RICHEST = 1e250
_ALTERNATIVES = (0.25, 0.55, 0.9)  # how far between the bound and one the true share may lie


@dataclass(frozen=True, slots=True)
class Bets:
    """What is bet on: for each ``level`` that more than its ``bound`` of the p-values lie below.

    Cell c of the p-values lies between level c - 1 and level c; ``factors[c]`` is what each bet is multiplied by then.
    """

    levels: tuple[float, ...]
    factors: tuple[tuple[float, ...], ...]

    def cell(self, p_value: float) -> int:
        """Cell that a p-value lies in."""
        return bisect_left(self.levels, p_value)

    @classmethod
    @cache
    def against(cls, bounds: Shares) -> "Bets":
        """Bets from pairs of a level and the bound of an honest share, levels rising.

        Raises InputError unless 0 <= level <= bound < 1 for each.
        """
        levels = tuple(level for level, _ in bounds)
        sound = all(0 <= level <= bound < 1 and bound > 0 for level, bound in bounds)
        if not bounds or not sound or list(levels) != sorted(set(levels)):
            raise InputError(
                f"{list(bounds)} are no bounds of shares", hint="each is level <= bound < 1, levels rising"
            )
        factors = [
            tuple(
                share / bound if cell <= place else (1 - share) / (1 - bound)
                for place, (_, bound) in enumerate(bounds)
                for share in (bound + (1 - bound) * far for far in _ALTERNATIVES)
            )
            for cell in range(len(bounds) + 1)
        ]
        return cls(levels, tuple(factors))


class Evidence:
    """The wealth of bets against one client: a few numbers and one per bet.

    Cells from ``cells`` on say nothing: all that such a request does is to add one to ``rounds``.

    Money that is to start with a request counts only if that request speaks against the client, and is thrown away
    otherwise: this wins less, so the bound holds, and a request that is no evidence costs an addition.
    """

    __slots__ = ("_settled", "_wealth", "bets", "cells", "rounds")

    def __init__(self, bets: Bets) -> None:
        self.bets = bets
        self.cells = len(bets.levels)
        self.rounds = 0
        self._settled = 0
        self._wealth = [0.0] * len(bets.factors[0])

    def add(self, cell: int) -> float:
        """Settle the bets on a request in a cell; returns the wealth: one in that many honest clients ever gets there.

        It is 0 where a request says nothing: the wealth then only falls, which is reckoned later.
        """
        self.rounds += 1
        if cell >= self.cells:
            return 0.0
        start = 1 / (self.rounds * (self.rounds + 1))
        missed = self.rounds - self._settled - 1
        self._settled = self.rounds
        factors, misses = self.bets.factors[cell], self.bets.factors[-1]
        wealth = self._wealth = [
            (one * miss**missed + start) * factor
            for one, miss, factor in zip(self._wealth, misses, factors, strict=True)
        ]
        total = sum(wealth)
        if total > _RICHEST:
            self._wealth = [one / total for one in wealth]
        return total / len(wealth)
