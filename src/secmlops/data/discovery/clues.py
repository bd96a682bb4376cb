"""Asks every recogniser about one column, as a whole and for mentions in it, in time bounded for each cell."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Chunks, Values
from secmlops.data.recognise.catalogue import RECOGNISERS
from secmlops.data.recognise.header import header_words, names_one_of
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.plain_text import plain_texts
from secmlops.data.recognise.prose import mentions_of
from secmlops.data.recognise.recogniser import MEASURES, MENTION_CHARACTERS, WHOLE_CHARACTERS, Recogniser
from secmlops.data.values import ColumnType, numbers, text_form, type_of

CHECKED_CELLS = 2_000
_FEW_VALUES = 10
_PROSE_LENGTH = 12
_FORM_SHARE = 0.5
_MENTION_SHARE = 0.5
_NEARLY_ALL = 0.9


@dataclass(frozen=True, slots=True)
class Clue:
    """A kind that is seen in a column: in which share of the cells, how surely, what to do, and why it is thought so.

    ``whole``: the cells are of this kind, rather than mention it.
    """

    kind: Kind
    share: float
    confidence: float
    suggestion: str
    why: str
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Cells:
    """Filled cells of a column as plain texts: ``all`` of the rows, and ``some``, at most 2,000 of them at random.

    Of a long text ``some`` holds the first 1,000 characters. ``words`` are those of the header. ``exact``: shares are
    counted in all cells rather than estimated from some.
    """

    all: Values
    some: Values
    words: tuple[str, ...]
    distinct: int
    text: bool
    prose: bool
    exact: bool


def cells_of(name: str, column: Chunks, rng: np.random.Generator, exact: bool = False) -> Cells | None:
    """Cells of the column called ``name``; None where nothing personal can stand: no value, truth values, fractions.

    Of numbers that are nearly all whole, the others are left out: one fraction among phone numbers hides none of them.
    """
    column = column.drop_null()
    kind = type_of(column)
    if not len(column) or kind is ColumnType.BOOLEAN:
        return None
    if kind is ColumnType.NUMBER:
        values = numbers(column)
        whole = (values == np.round(values)) & (np.abs(values) <= 2**53)
        if whole.mean() < _NEARLY_ALL:
            return None
        column = column.filter(pa.array(whole)).cast(pa.int64())
    texts = plain_texts(text_form(column).combine_chunks())
    some = pc.utf8_slice_codeunits(_some(texts, rng), 0, WHOLE_CHARACTERS)
    text = kind is ColumnType.TEXT
    prose = text and _reads_as_prose(some)
    return Cells(texts, some, header_words(name), len(some.unique()), text, prose, exact)


def _reads_as_prose(some: Values) -> bool:
    """Whether texts of several words are long, be they few: remarks stand between cells that say no more than "ok"."""
    spaced = some.filter(pc.match_substring(some, " "))
    lengths = (pc.mean(pc.call_function("utf8_length", [texts])).as_py() for texts in (some, spaced) if len(spaced))
    return any(length > _PROSE_LENGTH for length in lengths)


def clues_of(cells: Cells, rng: np.random.Generator) -> Iterator[Clue]:
    """Clues of all recognisers, those about the column as a whole in their order.

    Where nearly all cells are of one kind, what else they mention is looked for in some of them only.
    """
    of_a_kind = False
    for recogniser in RECOGNISERS:
        clue = _whole(recogniser, cells) if recogniser.whole else None
        of_a_kind = of_a_kind or (clue is not None and clue.share >= _NEARLY_ALL)
        if clue is None and recogniser.anywhere and cells.text and not cells.prose:
            clue = _mentioned(recogniser, cells, rng)
        if clue is not None:
            yield clue
    if cells.prose:
        for told in mentions_of(cells.some if of_a_kind else cells.all, rng, cells.exact):
            yield Clue(told.kind, told.share, 0.5 + told.confirmed / 2, "drop", told.why, whole=False)


def _some(texts: Values, rng: np.random.Generator) -> Values:
    if len(texts) <= CHECKED_CELLS:
        return texts
    return texts.take(pa.array(np.sort(rng.choice(len(texts), CHECKED_CELLS, replace=False)), pa.int64()))


def _matching(texts: Values, pattern: str) -> Values:
    return texts.filter(pc.match_substring_regex(texts, pattern))


def _whole(recogniser: Recogniser, cells: Cells) -> Clue | None:
    """Clue that the cells as a whole are of the kind."""
    named, hinted = _header_says(recogniser, cells.words)
    needed = recogniser.hinted_share if hinted else recogniser.bare_share
    few = cells.distinct < _FEW_VALUES and not (hinted or recogniser.few_values)
    if needed > 1 or few or not recogniser.silent.isdisjoint(cells.words):
        return None
    formed = _matching(cells.some, recogniser.whole)
    form_share = len(formed) / len(cells.some)
    if form_share < min(needed, _FORM_SHARE):
        return None
    why = recogniser.scheme or f"the form of a {recogniser.kind}"
    if named and form_share >= _FORM_SHARE:
        share = _counted(recogniser, cells, check=False) if cells.exact else form_share
        return Clue(recogniser.kind, share, 0.6 + 0.4 * form_share, recogniser.suggestion, "the header names it")
    share = sum(recogniser.confirms(str(text)) for text in formed.to_pylist()) / len(cells.some)
    if share < needed:
        return None
    confidence = 0.5 + 0.5 * share if hinted else share**0.5
    if cells.exact:
        share = _counted(recogniser, cells, check=True)
    return Clue(recogniser.kind, share, confidence, recogniser.suggestion, why)


def _counted(recogniser: Recogniser, cells: Cells, check: bool) -> float:
    """Share of all cells that have the form, and pass the check where that is asked for; equal cells checked once."""
    formed = _matching(cells.all, recogniser.whole)
    if not check:
        return len(formed) / len(cells.all)
    coded = formed.dictionary_encode()
    passes = np.array([recogniser.confirms(str(text)) for text in coded.dictionary.to_pylist()], bool)
    return float(passes[coded.indices.to_numpy()].sum()) / len(cells.all)


def _header_says(recogniser: Recogniser, words: tuple[str, ...]) -> tuple[bool, bool]:
    """Whether the header names the kind, and whether it at least hints at it."""
    if not MEASURES.isdisjoint(words) or not recogniser.excluded.isdisjoint(words):
        return False, False
    named = names_one_of(words, recogniser.headers)
    return named, named or names_one_of(words, recogniser.hints)


def _mentioned(recogniser: Recogniser, cells: Cells, rng: np.random.Generator) -> Clue | None:
    """Clue that cells of single words mention the kind: most of what looks like a mention must pass its check."""
    form = "|".join(map(re.escape, recogniser.marks)) if recogniser.marks and recogniser.wide else recogniser.inside
    candidates = _matching(cells.all, form)
    if not len(candidates):
        return None
    checked = _from_first(_some(candidates, rng), form)
    confirmed = sum(recogniser.mentioned_in(text) for text in checked) / len(checked)
    if not confirmed or (confirmed < _MENTION_SHARE and not recogniser.wide):
        return None
    share = confirmed * len(candidates) / len(cells.all)
    return Clue(recogniser.kind, share, 0.5 + confirmed / 2, "drop", recogniser.scheme, whole=False)


def _from_first(texts: Values, pattern: str) -> list[str]:
    """Texts, the long ones from their first match on, which RE2 finds in linear time wherever it stands."""
    plain = [str(text) for text in texts.to_pylist()]
    if all(len(text) <= MENTION_CHARACTERS for text in plain):
        return plain
    starts = pc.call_function("find_substring_regex", [texts], pc.MatchSubstringOptions(pattern)).to_pylist()
    return [_tail(text, start) for text, start in zip(plain, starts, strict=True)]


def _tail(text: str, start: int) -> str:
    """Part of a text from a place counted in bytes of UTF-8."""
    if len(text) <= MENTION_CHARACTERS:
        return text
    return text.encode()[start : start + 4 * MENTION_CHARACTERS].decode("utf-8", "ignore")
