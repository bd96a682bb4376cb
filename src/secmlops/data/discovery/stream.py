"""Finds the columns with personal data of a source that may be larger than memory, by a sample of it or in full."""

from collections.abc import Sequence
from pathlib import Path

from secmlops.core.errors import InputError
from secmlops.data.discovery.columns import SAMPLE_ROWS, PersonalColumn, discover
from secmlops.data.discovery.survey import Manner, Survey, TableSurvey, survey_bytes, survey_file, survey_folder
from secmlops.data.reading import MINIMUM_ROWS
from secmlops.data.sources.folder import is_parquet
from secmlops.data.sources.location import Location
from secmlops.data.sources.memory import Allowance
from secmlops.data.sources.parquet_parts import ParquetParts
from secmlops.data.sources.part import LocalPart
from secmlops.data.sources.sample import drawn, pieces
from secmlops.data.sources.source import TableSource
from secmlops.data.sources.url import is_database, is_url

PIECE_ROWS = 500_000
"""Rows that are searched at once when all are."""


def survey_location(location: str, manner: Manner) -> list[Survey]:
    """Survey what a URL or a path names: a table wherever it lies, a text, or every file of a folder by itself.

    A folder of nothing but Parquet files with the same columns is one table. Raises InputError for what cannot be read.
    """
    path = Path(location)
    if is_url(location):
        return [_survey_url(location, manner)]
    if path.is_dir():
        table = _one_table(location)
        return list(survey_folder(path, manner)) if table is None else [survey_source(table, manner.seed, manner.full)]
    if is_parquet(path.name) and manner.form != "text" and _is_plain(path):
        return [survey_source(ParquetParts(path.name, [LocalPart.of(path, path.name)]), manner.seed, manner.full)]
    return [survey_file(path, path.name, manner)]


def _survey_url(url: str, manner: Manner) -> Survey:
    place = Location(url, Path())
    if not (is_database(url) or url.endswith("/") or is_parquet(url)):
        return survey_bytes(place.whole(Allowance.now()), url, manner)
    source = place.open()
    try:
        return survey_source(source, manner.seed, manner.full)
    finally:
        source.close()


def _is_plain(path: Path) -> bool:
    """Whether this is a file that begins as Parquet does: what does not may still be told better otherwise."""
    if not path.is_file() or path.is_symlink():
        return False
    with path.open("rb") as stream:
        return stream.read(4) == b"PAR1"


def _one_table(folder: str) -> TableSource | None:
    """Return the table of the Parquet files of a folder; None where there are others, or they are not of one table."""
    try:
        return Location(folder, Path()).open()
    except InputError:
        return None


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
