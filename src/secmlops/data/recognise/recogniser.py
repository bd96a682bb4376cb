"""What a recogniser of one kind of personal data is: header words, the form of a value, and a check beyond the form."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

NEVER = 2.0
"""A share that no column reaches: the values alone do not tell."""


class Kind(StrEnum):
    """The kinds of personal data that are looked for (GDPR article 4(1), recital 30)."""

    PERSON_NAME = "person name"
    EMAIL = "e-mail address"
    PHONE = "phone number"
    NATIONAL_ID = "national identifier"
    CARD = "payment card"
    IBAN = "bank account"
    ADDRESS = "postal address"
    BIRTH_DATE = "date of birth"
    IP_ADDRESS = "IP address"


def always(_text: str, /) -> bool:
    """Accept: the form of the value says enough."""
    return True


@dataclass(frozen=True, slots=True)
class Recogniser:
    """How one kind is told from its header and its values.

    ``headers`` are word sequences that name the kind by themselves: half of the values in the form ``whole`` are then
    enough. ``hints`` are weaker words: the share ``hinted_share`` of the values must pass ``check`` as well; without
    any word the share ``bare_share`` must. ``excluded`` words beside them take a header its say. ``inside`` finds
    mentions in prose, which ``check`` must confirm. An empty pattern: not looked for. Patterns mean the same to RE2 and
    to Python. ``anywhere``: mentions are looked for in columns of single words too. ``few_values``: a column of fewer
    than ten different values may still be of this kind.
    """

    kind: Kind
    whole: str
    headers: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    excluded: frozenset[str] = frozenset()
    check: Callable[[str], bool] = always
    inside: str = ""
    hinted_share: float = 0.3
    bare_share: float = 0.6
    suggestion: str = "drop"
    few_values: bool = True
    anywhere: bool = False
    mention: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mention", re.compile(self.inside))

    def mentioned_in(self, text: str) -> bool:
        """Whether prose mentions a value of this kind."""
        return any(self.check(found[0]) for found in self.mention.finditer(text))
