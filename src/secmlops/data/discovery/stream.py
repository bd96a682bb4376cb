"""Finds the columns with personal data of a source that may be larger than memory, by a sample of it or in full."""

from collections.abc import Sequence
from typing import Final

from secmlops.core.errors import InputError
from secmlops.data.discovery.columns import SAMPLE_ROWS, PersonalColumn, discover
from secmlops.data.discovery.survey import TableSurvey
from secmlops.data.reading import MINIMUM_ROWS
from secmlops.data.sources.sample import drawn, pieces
from secmlops.data.sources.source import TableSource

PIECE_ROWS: Final = 500_000
"""Rows that are searched at once when all are."""


def survey_source(source: TableSource, seed: int, full: bool = False) -> TableSurvey:
    """Survey the source as ``discover`` does a table; ``full`` searches all rows, 500,000 at a time.

    Raises InputError for a source of less than two rows, and what reading it raises.
    """
    if full:
        return _whole(source, seed)
    sample, rows = drawn(source, SAMPLE_ROWS, seed)
    _check(rows, source.name)
    return TableSurvey(source.name, rows, sample.num_rows, discover(sample, seed))


def _whole(source: TableSource, seed: int) -> TableSurvey:
    found: list[tuple[PersonalColumn, int]] = []
    filled = dict.fromkeys(source.schema.names, 0)
    rows = 0
    for piece in pieces(source, PIECE_ROWS):
        here = {name: piece.num_rows - piece[name].null_count for name in piece.column_names}
        filled = {name: count + here[name] for name, count in filled.items()}
        found.extend((column, here[column.column]) for column in discover(piece, seed, full=True))
        rows += piece.num_rows
    _check(rows, source.name)
    columns = {name: [pair for pair in found if pair[0].column == name] for name in filled}
    joined = tuple(_joined(pairs, filled[name]) for name, pairs in columns.items() if pairs)
    return TableSurvey(source.name, rows, rows, joined)


def _joined(found: Sequence[tuple[PersonalColumn, int]], filled: int) -> PersonalColumn:
    """Join what was found of one column in several pieces: shares by their filled cells, of the surest what to do."""
    surest = max((column for column, _ in found), key=lambda column: (column.confidence, column.share))
    kinds = dict.fromkeys((*surest.kinds, *(kind for column, _ in found for kind in column.kinds)))
    suggestions = {column.suggestion for column, _ in found}
    return PersonalColumn(
        column=surest.column,
        kinds=tuple(kinds),
        share=sum(column.share * cells for column, cells in found) / filled,
        confidence=surest.confidence,
        suggestion=suggestions.pop() if len(suggestions) == 1 else "drop",
        why=surest.why,
    )


def _check(rows: int, name: str) -> None:
    if rows < MINIMUM_ROWS:
        raise InputError(f"a table of {rows} rows: nothing to search", where=name, hint="give at least two rows")
