"""Counts what the cells of a column of prose mention, in time bounded for all of them together."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Values
from secmlops.data.recognise.candidates import places_of
from secmlops.data.recognise.context import BEFORE
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.recogniser import MENTION_CHARACTERS, Recogniser

SEARCHED_CHARACTERS = 2_000_000
"""Characters of a column that are searched at most, unless all of them are asked for."""

_MOST = 0.5
_HINT = (
    r"(?:[0-9][^0-9\n]{0,3}){4}[0-9]|@|%40|[(\[{](?:at|AT)[)\]}]|://|PRIVATE KEY"
    r"|[A-ZÀ-Þ][^ \n]{1,40} [A-ZÀ-Þ(]|[0-9] [A-Z]"
    r"|[a-zß.] [0-9]|[0-9A-Fa-f:]{2}:[0-9A-Fa-f:]{2}|(?i:pass|pwd|secret|token|key|kennwort)|eyJ|sk-|AKIA|_"
)
"""What stands in every text with a mention, for RE2: where its first match is, a search begins."""


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A kind that prose mentions: in which share of the cells, which share of what looks like it it was, and why."""

    kind: Kind
    share: float
    confirmed: float
    why: str


@dataclass(slots=True)
class _Tally:
    seen: Counter[Recogniser]
    accepted: Counter[Recogniser]


def mentions_of(texts: Values, rng: np.random.Generator, everything: bool) -> Iterator[Mentioned]:
    """Kinds that plain ``texts`` mention, searched in 2,000,000 characters of them, or in ``everything``.

    Of each recogniser at least half of what has the form of a mention must pass its check and its context: numbers of
    other things have the form too, and some of them pass by chance.
    """
    candidates = texts.filter(pc.match_substring_regex(texts, _HINT))
    if not len(candidates):
        return
    searched = _parts(candidates, rng, everything)
    tally = _tallied(searched)
    scale = len(candidates) / len(searched) / len(texts)
    for recogniser, count in tally.accepted.items():
        confirmed = count / tally.seen[recogniser]
        if confirmed >= _MOST or recogniser.wide:
            yield Mentioned(recogniser.kind, count * scale, max(confirmed, recogniser.alone), recogniser.scheme)


def _tallied(texts: Iterable[str]) -> _Tally:
    """In how many texts each recogniser saw the form of a mention, and in how many it accepted one."""
    tally = _Tally(Counter(), Counter())
    for text, times in Counter(texts).items():
        seen: set[Recogniser] = set()
        accepted: set[Recogniser] = set()
        for place in places_of(text):
            seen.update(candidate.recogniser for candidate in place.seen)
            if place.best is not None:
                accepted.add(place.best.recogniser)
        tally.seen.update(dict.fromkeys(seen, times))
        tally.accepted.update(dict.fromkeys(accepted, times))
    return tally


def _parts(texts: Values, rng: np.random.Generator, everything: bool) -> list[str]:
    """Texts to be searched; of many some at random, of long ones the part from the first hint on."""
    if everything:
        return [str(text) for text in texts.to_pylist()]
    lengths = np.minimum(pc.call_function("utf8_length", [texts]).to_numpy(), MENTION_CHARACTERS)
    count = min(len(texts), int(SEARCHED_CHARACTERS / max(float(lengths.mean()), 1.0)))
    chosen = texts.take(pa.array(np.sort(rng.choice(len(texts), count, replace=False)), pa.int64()))
    if int(lengths.max()) < MENTION_CHARACTERS:
        return [str(text) for text in chosen.to_pylist()]
    starts = pc.call_function("find_substring_regex", [chosen], pc.MatchSubstringOptions(_HINT)).to_pylist()
    return [_part(str(text), start) for text, start in zip(chosen.to_pylist(), starts, strict=True)]


def _part(text: str, start: int) -> str:
    """Part of a text from a little before a place counted in bytes of UTF-8."""
    if len(text) <= MENTION_CHARACTERS:
        return text
    begin = max(start - 4 * BEFORE, 0)
    return text.encode()[begin : begin + 4 * MENTION_CHARACTERS].decode("utf-8", "ignore")[:MENTION_CHARACTERS]
