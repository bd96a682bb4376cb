"""How a mention can begin: its first unbroken run of digits or letters, which tells most recognisers apart at once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 24
"""Runs of more digits or letters than this count as of this length."""

_DIGITS = r"(?<![0-9A-Za-z])(?:[-+(]?(?:(?P<many>(?=(?:[^0-9\n]{0,3}[0-9]){5}))|)[0-9]+"
TOKEN = re.compile(_DIGITS + r"|(?P<letters>[^\W\d_]+))")
"""A run that a mention may begin with; ``many`` where five digits or more follow with little between them."""

CAPITAL_TOKEN = re.compile(_DIGITS + r"|(?P<letters>[A-ZÀ-ÖØ-Þ\u0100-\ud7a3][^\W\d_]*))")
"""The same without runs that begin with a small letter of ASCII."""

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


EVERYWHERE = Heads(ANY, ANY, ANY, "-+(", few=True)


def head_of(token: re.Match[str]) -> Head:
    """Head of a token."""
    run = token[0]
    first = run[0]
    if token.lastgroup == "letters":
        return ("A" if first.isupper() else "a", min(len(run), LONGEST))
    if first in "-+(":
        return (first, min(len(run) - 1, LONGEST))
    return ("1" if token["many"] is None else "9", min(len(run), LONGEST))


def digits(*lengths: int) -> Heads:
    """Heads of digits only."""
    return Heads(digits=lengths)


def capitals(*lengths: int) -> Heads:
    """Heads of letters, of which the first is a capital."""
    return Heads(capitals=lengths)


def letters(*lengths: int) -> Heads:
    """Heads of letters of either case."""
    return Heads(capitals=lengths, smalls=lengths)
