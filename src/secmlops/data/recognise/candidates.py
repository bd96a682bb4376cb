"""Asks the recognisers about the places of a text where a mention may begin, each only where its mentions may stand.

A recogniser with a cue is asked in texts that match it; one that needs a word beside it, in texts with that word; and
both only where a run of letters or digits begins as their mentions do. So most places cost one look into a table.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from secmlops.data.recognise.catalogue import RECOGNISERS
from secmlops.data.recognise.context import Context
from secmlops.data.recognise.header import all_words
from secmlops.data.recognise.heads import CAPITAL_TOKEN, TOKEN, Head, head_of
from secmlops.data.recognise.recogniser import SURE, Recogniser


@dataclass(frozen=True, slots=True)
class Candidate:
    """What has the form of a mention. ``confidence`` is 0 when its check or the words beside it deny it.

    ``word`` names the kind beside it, ``away`` words from it.
    """

    recogniser: Recogniser
    start: int
    end: int
    confidence: float
    word: str = ""
    away: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """All candidates at one place of a text, and the ``best`` of those that are accepted, if any."""

    seen: tuple[Candidate, ...]
    best: Candidate | None


_ASKED = tuple(r for r in RECOGNISERS if r.inside)
_ALWAYS = frozenset(place for place, r in enumerate(_ASKED) if not r.cue and not r.needed)
_CUES = tuple(
    (re.compile(cue, re.ASCII), frozenset(place for place, r in enumerate(_ASKED) if r.cue == cue))
    for cue in dict.fromkeys(r.cue for r in _ASKED if r.cue)
)


def _first_words() -> Mapping[str, tuple[tuple[frozenset[str], int], ...]]:
    """For each first word of a phrase: all words of it, and the recogniser, by its place, that needs one."""
    found: dict[str, dict[tuple[frozenset[str], int], None]] = {}
    for place, recogniser in enumerate(_ASKED):
        for phrase in recogniser.needed:
            words = phrase.split()
            found.setdefault(words[0], {})[frozenset(words), place] = None
    return {word: tuple(needs) for word, needs in found.items()}


_SURE_OF_A_PART = 0.89
"""A part of what failed a check as a whole is believed only where it is surer than this."""

_COUNTS_OR_NAMES = re.compile(r"[0-9:=]| is ")
"""What stands in each text with a mention that a word must name."""

_FIRST_WORDS = _first_words()


def places_of(plain: str) -> Iterator[Place]:
    """Places of the plain text where something has the form of a mention, in order; accepted ones do not overlap."""
    cued = (some for form, some in _CUES if form.search(plain))
    form, table = _table(_ALWAYS.union(_named(plain), *cued))
    at = denied = 0
    for token in form.finditer(plain):
        start = token.start()
        if start < at:
            continue
        asked = table.get(head_of(token), ()) + table.get(token[0], ())
        seen = tuple(_candidates(plain, start, asked)) if asked else ()
        if seen:
            least = _SURE_OF_A_PART if start < denied else 0.0
            best = max((c for c in seen if c.confidence > least), key=_rank, default=None)
            yield Place(seen, best)
            at, denied = (best.end, 0) if best is not None else (at, max(denied, *(c.end for c in seen)))


def _rank(candidate: Candidate) -> tuple[float, int, int]:
    return candidate.confidence, -candidate.away, candidate.end


def _named(plain: str) -> set[int]:
    """Recognisers, by their place, one of whose phrases may stand in the text: all its words do."""
    words = all_words(plain) if _COUNTS_OR_NAMES.search(plain) else frozenset()
    return {place for word in words & _FIRST_WORDS.keys() for needed, place in _FIRST_WORDS[word] if needed <= words}


@lru_cache(maxsize=512)
def _table(chosen: frozenset[int]) -> tuple[re.Pattern[str], Mapping[Head, tuple[Recogniser, ...]]]:
    """Form of the runs to look at, and those of the chosen recognisers, by their place, to be asked at each head."""
    asked = [_ASKED[place] for place in sorted(chosen)]
    heads = [frozenset(r.heads) for r in asked]
    table = {
        head: tuple(r for r, own in zip(asked, heads, strict=True) if head in own) for head in frozenset().union(*heads)
    }
    return (TOKEN if any(head[0] == "a" for head in table) else CAPITAL_TOKEN), table


def _candidates(plain: str, start: int, asked: Iterable[Recogniser]) -> Iterator[Candidate]:
    contexts: dict[int, Context] = {}
    for recogniser in asked:
        match = recogniser.mention.match(plain, start)
        if match is None:
            continue
        value = recogniser.cut(match["value"])
        begin = match.start("value")
        end = begin + len(value)
        if not value or not recogniser.check(value):
            yield Candidate(recogniser, begin, end, 0.0)
            continue
        if recogniser.alone >= SURE:
            yield Candidate(recogniser, begin, end, recogniser.alone)
            continue
        if end not in contexts:
            contexts[end] = Context(plain, start, end)
        yield _weighed(recogniser, begin, end, contexts[end])


def _weighed(recogniser: Recogniser, start: int, end: int, context: Context) -> Candidate:
    away, word = context.names(recogniser.phrases)
    if word:
        return Candidate(recogniser, start, end, SURE, word, away)
    doubtful = context.of_another_thing and recogniser.alone < 0.9
    return Candidate(recogniser, start, end, 0.0 if doubtful else recogniser.alone)
