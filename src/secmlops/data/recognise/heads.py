"""How a mention can begin: its first unbroken run of digits or letters, which tells most recognisers apart at once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 24
"""Runs of more digits or letters than this count as of this length."""

_LARGE = r"([0-9]+)|([A-ZÀ-Þ][^\W\d_]*)"
TOKEN = re.compile(rf"(?:{_LARGE}|([^\W\d_]+))[^\W_]*")
"""A run of letters and digits: a mention begins where one does, or at the sign before it.

One of three groups is its first part: digits, letters with a capital first, letters with a small one first.
"""

LARGE_TOKEN = re.compile(rf"(?:{_LARGE})[^\W_]*")
"""The same for runs that begin with no small letter."""

SIGNS = "-+("
FIVE_DIGITS = re.compile(r"(?:[^0-9\n]{0,3}[0-9]){5}")
"""What stands where more digits follow than few."""

Head = tuple[str, int] | str
"""A sign and the length of the run: ``A`` and ``a`` for letters, ``9`` for the first of many digits, ``1`` for those of
few, and ``-``, ``+`` or ``(`` where that stands before digits. Or a word, which the run is."""


def upto(most: int, least: int = 1) -> tuple[int, ...]:
    """Lengths from ``least`` to ``most``."""
    return tuple(range(least, most + 1))


ANY = upto(LONGEST)


@dataclass(frozen=True, slots=True)
class Heads:
    """The runs that a mention can begin with: of ``digits``, of letters with a capital (``capitals``) or a small first.

    ``signs`` may stand before digits. ``few``: the mention may have fewer than five digits. ``words``: runs of
    letters as they are written.
    """

    digits: tuple[int, ...] = ()
    capitals: tuple[int, ...] = ()
    smalls: tuple[int, ...] = ()
    signs: str = ""
    few: bool = False
    words: frozenset[str] = frozenset()

    def __iter__(self) -> Iterator[Head]:
        yield from (("9", length) for length in self.digits)
        yield from (("1", length) for length in self.digits if self.few)
        yield from (("A", length) for length in self.capitals)
        yield from (("a", length) for length in self.smalls)
        yield from ((sign, length) for sign in self.signs for length in ANY)
        yield from self.words


EVERYWHERE = Heads(ANY, ANY, ANY, SIGNS, few=True)


def head_of(token: re.Match[str], text: str) -> tuple[str, int]:
    """Head of a token of ``text``."""
    group = token.lastindex or 3
    length = min(token.end(group) - token.start(), LONGEST)
    if group > 1:
        return ("A" if group == 2 else "a", length)
    return ("9" if FIVE_DIGITS.match(text, token.start()) else "1", length)


def digits(*lengths: int) -> Heads:
    """Heads of digits only."""
    return Heads(digits=lengths)


def capitals(*lengths: int) -> Heads:
    """Heads of letters, of which the first is a capital."""
    return Heads(capitals=lengths)


def letters(*lengths: int) -> Heads:
    """Heads of letters of either case."""
    return Heads(capitals=lengths, smalls=lengths)
