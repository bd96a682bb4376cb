"""Surveys the bytes of a file for personal data: a table by its columns, a text by its places."""

from dataclasses import dataclass
from pathlib import Path

from secmlops.core.errors import InputError
from secmlops.core.finding import Finding
from secmlops.data.discovery.columns import SAMPLE_ROWS, PersonalColumn, discover
from secmlops.data.discovery.entity_model import EntityModel
from secmlops.data.discovery.text_search import Mention, decoded, search
from secmlops.data.reading import read_table

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
    if manner.form == "table" or (not manner.form and is_table(data, name)):
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


def is_table(beginning: bytes, name: str) -> bool:
    """Whether a file that begins so, and is called so, is a table."""
    return beginning[:4] in (b"PAR1", b"PARE") or Path(name).suffix.lower() in _TABLES


def _bytes_of(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise InputError("is no plain file" if path.exists() else "there is no such file", where=str(path))
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(
                f"larger than {MAX_FILE_BYTES // 2**30} GiB",
                where=str(path),
                hint="split it, or write a table as .csv or .parquet",
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
