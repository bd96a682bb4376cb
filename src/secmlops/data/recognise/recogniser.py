"""What a recogniser of one kind of personal data is: header words, the form of a value, and a check beyond the form."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from secmlops.data.recognise.heads import EVERYWHERE, Heads
from secmlops.data.recognise.kind import Kind

NEVER = 2.0
"""A share that no column reaches: the values alone do not tell."""

WHOLE_CHARACTERS = 1_000
"""A cell is looked at no further than this when it is taken as one value: no value of any kind is longer."""

MENTION_CHARACTERS = 4_000
"""Prose in a column is searched for mentions no further than this from where the search begins."""

SURE = 0.95
"""Confidence of a mention that passes its check and has a word beside it that names the kind."""

MEASURES = frozenset(
    {
        "amount", "average", "avg", "balance", "bytes", "cost", "costs", "count", "duration", "fee", "frequency",
        "length", "mean", "median", "minutes", "percent", "percentage", "price", "ratio", "score", "share", "size",
        "total", "usage", "volume", "weight",
    }
)  # fmt: skip
"""Words of a header that make it a measure of the thing beside them: ``phone_price`` holds no phones."""


def always(_text: str, /) -> bool:
    """Accept: the form of the value says enough."""
    return True


def same(text: str, /) -> str:
    """Leave the mention as its form took it."""
    return text


@dataclass(frozen=True, slots=True)
class Recogniser:
    """How one kind is told from its header, from its values, and within prose.

    **In a column.** ``headers`` are word sequences that name the kind by themselves: half of the values in the form
    ``whole`` are then enough. ``hints`` are weaker words: the share ``hinted_share`` of the values must pass ``check``
    as well; without any word the share ``bare_share`` must. ``excluded`` words beside them, and those of a measure,
    take a header its say; ``silent`` words say that the values are something else that is written alike.
    ``few_values``: a column of fewer than ten different values may still be of this kind.

    **In prose.** ``inside`` has the form of a mention, ``lead`` what must stand directly before it and is no part of
    it; ``cut`` shortens what the form took too much, and ``check`` must confirm the rest. One of ``words``,
    ``headers`` or ``hints`` beside it makes it sure; without one its confidence is ``alone`` (0 to 1): at 0 it is
    none. ``scheme`` says in words what was recognised. ``wide``: most of what has the form is something else, so that
    how many fail the check says nothing about the others.

    To be quick, a recogniser is asked only where a run of letters or digits begins as its ``heads`` say; one with a
    ``cue``, a pattern, only in texts that match it; one with ``marks`` only in texts that hold one of these; one with
    ``cue_words`` only in texts that hold the words of one of them, and one that counts at 0 alone only in texts with
    those of its phrases. ``anywhere``: mentions are looked for in columns of single words too.

    Patterns mean the same to RE2 and to Python and repeat nothing without an end. An empty one: not looked for.
    """

    kind: Kind
    whole: str
    headers: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    excluded: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    check: Callable[[str], bool] = always
    inside: str = ""
    heads: Heads = EVERYWHERE
    cue: str = ""
    marks: tuple[str, ...] = ()
    cue_words: tuple[str, ...] = ()
    lead: str = ""
    words: tuple[str, ...] = ()
    cut: Callable[[str], str] = same
    alone: float = 0.9
    scheme: str = ""
    wide: bool = False
    hinted_share: float = 0.3
    bare_share: float = 0.6
    suggestion: str = "drop"
    few_values: bool = True
    anywhere: bool = False
    phrases: tuple[str, ...] = field(init=False)
    needed: tuple[str, ...] = field(init=False)
    mention: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "phrases", tuple(dict.fromkeys((*self.words, *self.headers, *self.hints))))
        object.__setattr__(self, "needed", self.cue_words or (() if self.alone else self.phrases))
        form = rf"(?<![0-9A-Za-z])(?:{self.lead})(?P<value>{self.inside})(?![0-9A-Za-z])"
        object.__setattr__(self, "mention", re.compile(form, re.ASCII))

    def confirms(self, text: str) -> bool:
        """Whether a value of the form ``whole`` passes the check; of a longer text the first 1,000 characters count."""
        return self.check(text[:WHOLE_CHARACTERS])

    def mentioned_in(self, text: str) -> bool:
        """Whether the first 4,000 characters of prose mention a value of this kind that no word beside it must name."""
        found = self.mention.finditer(text, 0, MENTION_CHARACTERS) if self.inside and self.alone else ()
        return any(self.check(self.cut(mention["value"])) for mention in found)
