"""Surveys what a path or a URL names for personal data: a file, a folder file by file, a table wherever it lies."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from secmlops.core.errors import InputError
from secmlops.data.discovery.stream import survey_source
from secmlops.data.discovery.survey import (
    Manner,
    PassedOver,
    Survey,
    TableSurvey,
    TextSurvey,
    is_table,
    survey_bytes,
    survey_file,
)
from secmlops.data.sources.delimited_text import DelimitedText
from secmlops.data.sources.location import Location
from secmlops.data.sources.memory import Allowance
from secmlops.data.sources.source import TableSource
from secmlops.data.sources.url import is_url

MAX_FILES: Final = 1_000
IN_PARTS: Final = 64 * 2**20
"""Bytes of a text from which on it is searched in parts where it is a table."""


def survey_location(location: str, manner: Manner) -> list[Survey]:
    """Survey what a URL or a path names: a table wherever it lies, a text, or every file of a folder by itself.

    A folder of nothing but Parquet files with the same columns is one table. Raises InputError for what cannot be read.
    """
    path = Path(location)
    if is_url(location):
        return [_survey_url(location, manner)]
    if not path.is_dir():
        return [survey_path(path, path.name, manner)]
    table = _one_table(location)
    return list(survey_folder(path, manner)) if table is None else [survey_source(table, manner.seed, manner.full)]


def survey_path(path: Path, name: str, manner: Manner) -> TableSurvey | TextSurvey:
    """Survey one file, told as ``name``: Parquet, and a text of more than 64 MiB that is a table, a part at a time.

    Raises InputError for what cannot be read.
    """
    place = Location(path.name, path.parent)
    if manner.form == "text" or not path.is_file() or path.is_symlink():
        return survey_file(path, name, manner)
    beginning = _beginning(path)
    named = is_table(beginning, name) or manner.form == "table"
    if beginning == b"PAR1" or (named and place.is_text and place.is_larger(IN_PARTS)):
        return _survey_open(place.open(name), manner)
    return survey_file(path, name, manner)


def _survey_open(source: TableSource, manner: Manner) -> TableSurvey:
    try:
        found = survey_source(source, manner.seed, manner.full)
        return replace(found, notes=source.notes) if isinstance(source, DelimitedText) else found
    finally:
        source.close()


def _survey_url(url: str, manner: Manner) -> Survey:
    place = Location(url, Path())
    large = place.is_text and not url.endswith("/") and is_table(b"", url) and place.is_larger(IN_PARTS)
    if place.is_text and (manner.form == "text" or not large):
        return survey_bytes(place.whole(Allowance.now()), url, manner)
    return _survey_open(place.open(), manner)


def _beginning(path: Path) -> bytes:
    """First bytes of a file, none where it cannot be read: who reads it whole says why."""
    try:
        with path.open("rb") as stream:
            return stream.read(4)
    except OSError:
        return b""


def _one_table(folder: str) -> TableSource | None:
    """Return the table of the Parquet files of a folder; None where there are others, or they are not of one table."""
    try:
        return Location(folder, Path()).open()
    except InputError:
        return None


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
        try:
            return survey_path(path, name, manner)
        except InputError:
            if not is_table(b"", name):
                raise
            return survey_file(path, name, replace(manner, form="text"))
    except InputError as error:
        return PassedOver(name, error.what)


def _refuse(error: OSError) -> None:
    raise InputError(f"cannot be read: {error.strerror}", where=str(error.filename))
