"""Asks the recognisers about the places of a text where a mention may begin, each only where its mentions may stand.

A recogniser with a cue is asked in texts that match it; one that needs a word beside it, in texts with that word; and
both only where a run of letters or digits begins as their mentions do. So most places cost one look into a table.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from secmlops.data.recognise.catalogue import RECOGNISERS
from secmlops.data.recognise.context import Context
from secmlops.data.recognise.header import all_words
from secmlops.data.recognise.heads import ANY, FIVE_DIGITS, LARGE_TOKEN, LONGEST, SIGNS, TOKEN, Head
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.recogniser import SURE, Recogniser


class Candidate(NamedTuple):
    """What has the form of a mention. ``confidence`` is 0 when its check or the words beside it deny it.

    ``word`` names the kind beside it, ``away`` words from it.
    """

    recogniser: Recogniser
    start: int
    end: int
    confidence: float
    word: str = ""
    away: int = 0


class Place(NamedTuple):
    """All candidates at one place of a text, and the ``best`` of those that are accepted, if any."""

    seen: tuple[Candidate, ...]
    best: Candidate | None


_Asked = tuple[tuple[Recogniser, Callable[[str, int], re.Match[str] | None]], ...]


@dataclass(frozen=True, slots=True)
class _Table:
    """Who is asked at which head. ``form`` finds the tokens; each row of ``runs`` is for one of its groups, by length.

    ``few`` is the row for digits that few others follow; ``signs`` has a row for each sign before digits.
    """

    form: re.Pattern[str]
    runs: tuple[tuple[_Asked, ...], ...]
    few: tuple[_Asked, ...]
    signs: Mapping[str, tuple[_Asked, ...]]
    words: Mapping[str, _Asked]


_ASKED = tuple(r for r in RECOGNISERS if r.inside)
_ALWAYS = frozenset(place for place, r in enumerate(_ASKED) if not r.cue and not r.marks and not r.needed)
_CUES = tuple(
    (re.compile(cue, re.ASCII), frozenset(place for place, r in enumerate(_ASKED) if r.cue == cue))
    for cue in dict.fromkeys(r.cue for r in _ASKED if r.cue)
)
_MARKS = tuple((mark, place) for place, r in enumerate(_ASKED) for mark in r.marks)


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

_FORM_OF_ITS_OWN = 0.8
"""Confidence alone from which a word for another thing beside a mention does not deny it."""

_COUNTS_OR_NAMES = re.compile(r"[0-9:=]| is ")
"""What stands in each text with a mention that a word must name."""

_FIRST_WORDS = _first_words()


def places_of(plain: str) -> Iterator[Place]:
    """Places of the plain text where something has the form of a mention, in order; accepted ones do not overlap."""
    table = _table(_chosen(plain))
    at = denied = 0
    spent: dict[Kind, int] = {}
    for start, asked in _starts(plain, table):
        matches = [(r, match) for r, form in asked if (match := form(plain, start))] if start >= at else ()
        if not matches:
            continue
        seen = tuple(_candidates(plain, start, matches, spent))
        least = _SURE_OF_A_PART if start < denied else 0.0
        best = max((c for c in seen if c.confidence > least), key=_rank, default=None)
        yield Place(seen, best)
        if best is None:
            denied = max(denied, *(candidate.end for candidate in seen))
            continue
        at, denied = best.end, 0
        spent[best.recogniser.kind] = at


def _starts(plain: str, table: _Table) -> Iterator[tuple[int, _Asked]]:
    """Places where one of the table's heads stands, and who is to be asked there."""
    runs, words = table.runs, table.words
    for token in table.form.finditer(plain):
        start, group = token.start(), token.lastindex or 3
        length = token.end(group) - start
        length = min(length, LONGEST)
        if group == 1:
            if start and (sign := plain[start - 1]) in SIGNS and (before := table.signs[sign][length]):
                yield start - 1, before
            asked = runs[0][length] if FIVE_DIGITS.match(plain, start) else table.few[length]
        else:
            asked = runs[group - 1][length] + words.get(token[0], ())
        if asked:
            yield start, asked


def _rank(candidate: Candidate) -> tuple[float, int, int]:
    return candidate.confidence, -candidate.away, candidate.end


def _chosen(plain: str) -> frozenset[int]:
    """Recognisers, by their place, that may find something in the text: what they need stands in it."""
    cued = (some for form, some in _CUES if form.search(plain))
    marked = [place for mark, place in _MARKS if mark in plain]
    words = all_words(plain) if _COUNTS_OR_NAMES.search(plain) else frozenset()
    named = (place for word in words & _FIRST_WORDS.keys() for needed, place in _FIRST_WORDS[word] if needed <= words)
    return _ALWAYS.union(marked, named, *cued)


@lru_cache(maxsize=512)
def _table(chosen: frozenset[int]) -> _Table:
    """Those of the chosen recognisers, by their place, that are to be asked at each head, each with its form."""
    asked = [(_ASKED[place], _ASKED[place].mention.match) for place in sorted(chosen)]
    heads = [frozenset(r.heads) for r, _ in asked]

    def at(head: Head) -> _Asked:
        return tuple(one for one, own in zip(asked, heads, strict=True) if head in own)

    rows = {sign: ((), *(at((sign, length)) for length in ANY)) for sign in f"9Aa1{SIGNS}"}
    words = frozenset().union(*(r.heads.words for r, _ in asked))
    return _Table(
        form=TOKEN if any(rows["a"]) else LARGE_TOKEN,
        runs=(rows["9"], rows["A"], rows["a"]),
        few=rows["1"],
        signs={sign: rows[sign] for sign in SIGNS},
        words={word: at(word) for word in words},
    )


def _candidates(
    plain: str, start: int, matches: Iterable[tuple[Recogniser, re.Match[str]]], spent: Mapping[Kind, int]
) -> Iterator[Candidate]:
    """Candidates at one place; words before ``spent`` have named another value of the kind already."""
    contexts: dict[tuple[int, int], Context] = {}
    for recogniser, match in matches:
        value = recogniser.cut(match["value"])
        begin = match.start("value")
        end = begin + len(value)
        if not value or not recogniser.check(value):
            yield Candidate(recogniser, begin, end, 0.0)
            continue
        if recogniser.alone >= SURE:
            yield Candidate(recogniser, begin, end, recogniser.alone)
            continue
        known = (end, spent.get(recogniser.kind, 0))
        if known not in contexts:
            contexts[known] = Context(plain, start, *known)
        yield _weighed(recogniser, begin, end, contexts[known])


def _weighed(recogniser: Recogniser, start: int, end: int, context: Context) -> Candidate:
    away, word = context.names(recogniser.phrases)
    if word:
        return Candidate(recogniser, start, end, SURE, word, away)
    denied = context.denies(recogniser.silent) or (context.of_another_thing and recogniser.alone < _FORM_OF_ITS_OWN)
    return Candidate(recogniser, start, end, 0.0 if denied else recogniser.alone)
