"""Finds the columns of a table that hold personal data, by their headers and by their values."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.data.arrow import Values
from secmlops.data.recognise.catalogue import RECOGNISERS
from secmlops.data.recognise.header import header_words, names_one_of
from secmlops.data.recognise.recogniser import Kind, Recogniser
from secmlops.data.values import ColumnType, text_form, type_of

SAMPLE_ROWS = 50_000
CHECKED_CELLS = 2_000
_FEW_VALUES = 10
_PROSE_LENGTH = 12
_FORM_SHARE = 0.5
_MENTION_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class PersonalColumn:
    """A column that holds personal data of one or more ``kinds``, the surest first.

    At least ``share`` (0 to 1) of the filled cells hold it, estimated from a sample; ``confidence`` (0 to 1) is how
    sure the finding is; ``suggestion`` is the action of ``protect`` that suits best.
    """

    column: str
    kinds: tuple[Kind, ...]
    share: float
    confidence: float
    suggestion: str


@dataclass(frozen=True, slots=True)
class _Clue:
    kind: Kind
    share: float
    confidence: float
    suggestion: str


@dataclass(frozen=True, slots=True)
class _Cells:
    """Filled cells of a column as texts: ``all`` of the sampled rows, and ``some``, at most 2,000 of them at random."""

    all: Values
    some: Values
    words: tuple[str, ...]
    distinct: int
    text: bool
    prose: bool


def discover(table: pa.Table, seed: int) -> tuple[PersonalColumn, ...]:
    """Columns of ``table`` that hold personal data, in table order.

    Of a longer table 50,000 rows are drawn with ``seed``: a kind that stands in one cell of 10,000 is then missed with
    a probability below 1%. Mentions in prose are looked for in all of these, what a column is as a whole in 2,000.
    Numbers of other things often have the form of personal ones, and a check digit fits one in ten by chance: so most
    values of a column must pass their check, or its header must name the kind.
    """
    rng = np.random.default_rng(seed)
    rows = table.num_rows
    if rows > SAMPLE_ROWS:
        table = table.take(pa.array(np.sort(rng.choice(rows, SAMPLE_ROWS, replace=False)), pa.int64()))
    found = (_examine(name, table, rng) for name in table.column_names)
    return tuple(column for column in found if column is not None)


def _examine(name: str, table: pa.Table, rng: np.random.Generator) -> PersonalColumn | None:
    cells = _cells(name, table, rng)
    clues = sorted(_clues(cells, rng), key=lambda clue: -clue.confidence) if cells else []
    if not clues:
        return None
    return PersonalColumn(
        column=name,
        kinds=tuple(dict.fromkeys(clue.kind for clue in clues)),
        share=max(clue.share for clue in clues),
        confidence=clues[0].confidence,
        suggestion="drop" if cells and cells.prose else clues[0].suggestion,
    )


def _cells(name: str, table: pa.Table, rng: np.random.Generator) -> _Cells | None:
    column, words = table[name].drop_null(), header_words(name)
    kind = type_of(column)
    if not len(column) or kind is ColumnType.BOOLEAN:
        return None
    if kind is ColumnType.NUMBER:
        if not bool(pc.all(pc.equal(column, pc.round(column))).as_py()) or abs(pc.max(column).as_py()) > 2**53:
            return None
        column = column.cast(pa.int64())
    texts = text_form(column).combine_chunks()
    some = _some(texts, rng)
    long = np.mean([len(str(text)) for text in some.to_pylist()]) > _PROSE_LENGTH
    spaced = bool(pc.any(pc.match_substring(some, " ")).as_py())
    text = kind is ColumnType.TEXT
    return _Cells(texts, some, words, len(some.unique()), text, text and spaced and bool(long))


def _some(texts: Values, rng: np.random.Generator) -> Values:
    if len(texts) <= CHECKED_CELLS:
        return texts
    return texts.take(pa.array(np.sort(rng.choice(len(texts), CHECKED_CELLS, replace=False)), pa.int64()))


def _matching(texts: Values, pattern: str) -> Values:
    return texts.filter(pc.match_substring_regex(texts, pattern))


def _clues(cells: _Cells, rng: np.random.Generator) -> Iterator[_Clue]:
    for recogniser in RECOGNISERS:
        clue = _whole(recogniser, cells) if recogniser.whole else None
        if clue is None and recogniser.inside and (cells.prose or (cells.text and recogniser.anywhere)):
            clue = _mentioned(recogniser, cells, rng)
        if clue is not None:
            yield clue


def _whole(recogniser: Recogniser, cells: _Cells) -> _Clue | None:
    """Clue that the cells as a whole are of the kind."""
    formed = _matching(cells.some, recogniser.whole)
    form_share = len(formed) / len(cells.some)
    silent = not recogniser.excluded.isdisjoint(cells.words)
    named = not silent and names_one_of(cells.words, recogniser.headers)
    hinted = named or (not silent and names_one_of(cells.words, recogniser.hints))
    needed = recogniser.hinted_share if hinted else recogniser.bare_share
    if form_share < min(needed, _FORM_SHARE) or (
        cells.distinct < _FEW_VALUES and not (hinted or recogniser.few_values)
    ):
        return None
    if named and form_share >= _FORM_SHARE:
        return _Clue(recogniser.kind, form_share, 0.6 + 0.4 * form_share, recogniser.suggestion)
    share = sum(recogniser.check(str(text)) for text in formed.to_pylist()) / len(cells.some)
    if share < needed:
        return None
    return _Clue(recogniser.kind, share, 0.5 + 0.5 * share if hinted else share**0.5, recogniser.suggestion)


def _mentioned(recogniser: Recogniser, cells: _Cells, rng: np.random.Generator) -> _Clue | None:
    """Clue that prose mentions the kind: most of what looks like a mention must pass its check."""
    candidates = _matching(cells.all, recogniser.inside)
    if not len(candidates):
        return None
    checked = _some(candidates, rng)
    confirmed = sum(recogniser.mentioned_in(str(text)) for text in checked.to_pylist()) / len(checked)
    share = confirmed * len(candidates) / len(cells.all)
    return _Clue(recogniser.kind, share, 0.5 + confirmed / 2, "drop") if confirmed >= _MENTION_SHARE else None
