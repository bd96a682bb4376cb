"""Facts about the texts of a column that tell its type: of the whole column at once, or gathered part by part."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pyarrow.compute as pc

from secmlops.data.arrow import Values


@dataclass(frozen=True, slots=True, eq=False)
class Fact:
    """What may hold of texts, nulls apart; of a column in parts if of ``every`` part, or else if of any.

    ``implied``: where that fact holds, this one does too. ``needs``: where that one does not, nobody asks for this one.
    """

    holds: Callable[[Values], bool]
    every: bool = True
    implied: "Fact | None" = None
    needs: "Fact | None" = None


Known: TypeAlias = Callable[[Fact], bool]
"""Says of a fact whether it holds."""


def all_match(pattern: str, implied: Fact | None = None, needs: Fact | None = None) -> Fact:
    """Every text matches the pattern."""

    def holds(texts: Values) -> bool:
        return bool(pc.all(pc.match_substring_regex(texts, pattern)).as_py())

    return Fact(holds, implied=implied, needs=needs)


def some_match(pattern: str, needs: Fact | None = None) -> Fact:
    """Some text matches the pattern."""

    def holds(texts: Values) -> bool:
        return bool(pc.any(pc.match_substring_regex(texts, pattern)).as_py())

    return Fact(holds, every=False, needs=needs)


def known_of(texts: Values) -> Known:
    """Facts of texts that are all there, each found out when it is asked for."""
    return lambda fact: fact.holds(texts)


class Gathered:
    """Which of ``facts`` hold of all texts that went by: what is asked for later must be among them.

    A fact stands behind those that imply it, and those that it needs.
    """

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._found = {fact: fact.every for fact in facts}

    def add(self, texts: Values) -> None:
        """Look at more texts, for what is still open."""
        here: set[Fact | None] = set()
        for fact in [fact for fact, found in self._found.items() if found is fact.every]:
            wanted = fact.needs is None or self._found[fact.needs]
            held = wanted and (fact.implied in here or fact.holds(texts))
            if held:
                here.add(fact)
            self._found[fact] = held

    @property
    def is_settled(self) -> bool:
        """Whether nothing holds of every text any more: those that go by from then on need not be looked at."""
        return not any(found for fact, found in self._found.items() if fact.every)

    def __call__(self, fact: Fact) -> bool:
        """Whether it holds."""
        return self._found[fact]
