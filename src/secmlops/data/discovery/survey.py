"""Surveys files for personal data: a table by its columns, a text by its places, a folder file by file."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from secmlops.core.errors import InputError
from secmlops.core.finding import Finding
from secmlops.data.discovery.columns import SAMPLE_ROWS, PersonalColumn, discover
from secmlops.data.discovery.entity_model import EntityModel
from secmlops.data.discovery.text_search import Mention, decoded, search
from secmlops.data.reading import read_table

MAX_FILES = 1_000
MAX_FILE_BYTES = 4 * 2**30
SEARCHED_CHARACTERS = 10_000_000
_TABLES = frozenset({".csv", ".tsv", ".tab", ".psv", ".parquet", ".pq"})


@dataclass(frozen=True, slots=True)
class TableSurvey:
    """Columns of the table ``name`` with personal data; ``searched`` of its ``rows`` were looked at."""

    name: str
    rows: int
    searched: int
    columns: tuple[PersonalColumn, ...]
    notes: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class TextSurvey:
    """Mentions in the text ``name``; ``searched`` of its ``characters`` were looked at."""

    name: str
    characters: int
    searched: int
    mentions: tuple[Mention, ...]
    notes: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file that was not searched, and why."""

    name: str
    why: str


Survey = TableSurvey | TextSurvey | PassedOver


@dataclass(frozen=True, slots=True)
class Manner:
    """How to search: ``full``, every row and character; ``form``, ``table`` or ``text``, or empty to tell by the file.

    ``model`` finds entities in texts besides; ``seed`` draws the sample of a long table.
    """

    full: bool = False
    form: str = ""
    model: EntityModel | None = None
    seed: int = 0


def survey_bytes(data: bytes, name: str, manner: Manner) -> TableSurvey | TextSurvey:
    """Survey the bytes of the file ``name``; raises InputError for what cannot be read."""
    if not data.strip():
        raise InputError("there is nothing in it", where=name, hint="give a table or a text")
    if manner.form == "table" or (not manner.form and _is_table(data, name)):
        reading = read_table(data, name)
        rows = reading.table.num_rows
        columns = discover(reading.table, manner.seed, manner.full)
        return TableSurvey(name, rows, rows if manner.full else min(rows, SAMPLE_ROWS), columns, reading.notes)
    text, notes = decoded(data, name)
    searched = text if manner.full else text[:SEARCHED_CHARACTERS]
    return TextSurvey(name, len(text), len(searched), tuple(search(searched, manner.model)), notes)


def survey_file(path: Path, name: str, manner: Manner) -> TableSurvey | TextSurvey:
    """Survey one file, told as ``name``; raises InputError for what cannot be read."""
    return survey_bytes(_bytes_of(path), name, manner)


def survey_folder(folder: Path, manner: Manner) -> Iterator[Survey]:
    """Survey every file in ``folder`` and below it, in order of their names; links are not followed.

    Links, and what is neither a table nor a text, are passed over, with the reason; a broken table is searched as a
    text. Raises InputError for a folder without files, or with more than 1,000.
    """
    walked = os.walk(folder, onerror=_refuse)
    found = sorted(Path(place) / name for place, folders, names in walked for name in (*folders, *names))
    files = [path for path in found if path.is_symlink() or not path.is_dir()]
    plain = sum(path.is_file() and not path.is_symlink() for path in files)
    if not plain:
        raise InputError("a folder without a file to search", where=str(folder))
    if plain > MAX_FILES:
        raise InputError(f"{plain} files, at most {MAX_FILES} are searched", where=str(folder), hint="name a part")
    for path in files:
        name = str(path.relative_to(folder))
        yield PassedOver(name, "a link, which is not followed") if path.is_symlink() else _whatever(path, name, manner)


def _whatever(path: Path, name: str, manner: Manner) -> Survey:
    try:
        data = _bytes_of(path)
        try:
            return survey_bytes(data, name, manner)
        except InputError:
            if not _is_table(data, name):
                raise
            return survey_bytes(data, name, Manner(manner.full, "text", manner.model, manner.seed))
    except InputError as error:
        return PassedOver(name, error.what)


def _is_table(data: bytes, name: str) -> bool:
    return data[:4] in (b"PAR1", b"PARE") or Path(name).suffix.lower() in _TABLES


def _bytes_of(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise InputError("is no plain file" if path.exists() else "there is no such file", where=str(path))
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"larger than {MAX_FILE_BYTES // 2**30} GiB", where=str(path), hint="split it")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None


def _refuse(error: OSError) -> None:
    raise InputError(f"cannot be read: {error.strerror}", where=str(error.filename))
