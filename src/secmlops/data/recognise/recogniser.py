"""What a recogniser of one kind of personal data is: header words, the form of a value, and a check beyond the form."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

NEVER = 2.0
"""A share that no column reaches: the values alone do not tell."""

WHOLE_CHARACTERS = 1_000
"""A cell is looked at no further than this when it is taken as one value: no value of any kind is longer."""

MENTION_CHARACTERS = 4_000
"""Prose is searched for mentions no further than this from where the search begins."""

MEASURES = frozenset(
    {
        "amount", "average", "avg", "balance", "bytes", "cost", "costs", "count", "duration", "fee", "frequency",
        "length", "mean", "median", "minutes", "percent", "percentage", "price", "ratio", "score", "share", "size",
        "total", "usage", "volume", "weight",
    }
)  # fmt: skip
"""Words of a header that make it a measure of the thing beside them: ``phone_price`` holds no phones."""


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
    DEVICE = "device address"
    PLATE = "number plate"
    LOCATION = "location"


def always(_text: str, /) -> bool:
    """Accept: the form of the value says enough."""
    return True


@dataclass(frozen=True, slots=True)
class Recogniser:
    """How one kind is told from its header and its values.

    ``headers`` are word sequences that name the kind by themselves: half of the values in the form ``whole`` are then
    enough. ``hints`` are weaker words: the share ``hinted_share`` of the values must pass ``check`` as well; without
    any word the share ``bare_share`` must. ``excluded`` words beside them, and those of a measure, take a header its
    say; ``silent`` words say that the values are something else that is written alike.

    ``inside`` finds mentions in prose, which ``check`` must confirm, and repeats nothing without an end. An empty
    pattern: not looked for. Patterns mean the same to RE2 and to Python. ``anywhere``: mentions are looked for in
    columns of single words too. ``few_values``: a column of fewer than ten different values may still be of this kind.
    """

    kind: Kind
    whole: str
    headers: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    excluded: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    check: Callable[[str], bool] = always
    inside: str = ""
    hinted_share: float = 0.3
    bare_share: float = 0.6
    suggestion: str = "drop"
    few_values: bool = True
    anywhere: bool = False
    mention: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mention", re.compile(self.inside, re.ASCII))

    def confirms(self, text: str) -> bool:
        """Whether a value of the form ``whole`` passes the check; of a longer text the first 1,000 characters count."""
        return self.check(text[:WHOLE_CHARACTERS])

    def mentioned_in(self, text: str) -> bool:
        """Whether the first 4,000 characters of prose mention a value of this kind."""
        found = self.mention.finditer(text, 0, MENTION_CHARACTERS) if self.inside else ()
        return any(self.check(mention[0]) for mention in found)
