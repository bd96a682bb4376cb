"""Checking that the columns a project file names are columns of its table."""

from collections.abc import Iterator, Sequence

from secmlops.project.document import Path as Place
from secmlops.project.problems import Problem
from secmlops.project.settings import Data
from secmlops.project.wording import nearest

_SHOWN = 20


def missing_columns(data: Data, columns: Sequence[str]) -> list[Problem]:
    """Problems of a project file whose table has these ``columns``: every column it names and that is not there."""
    more = ", …" if len(columns) > _SHOWN else ""
    there = f"columns: {', '.join(map(str, columns[:_SHOWN]))}{more}"
    return [
        (place, f"{data.source} has no column {name!r}{nearest(name, columns) or f'; {there}'}")
        for place, name in _named(data)
        if name not in columns
    ]


def _named(data: Data) -> Iterator[tuple[Place, str]]:
    yield ("data", "label"), data.label
    if data.subject_id is not None:
        yield ("data", "subject_id"), data.subject_id
    for index, name in enumerate(data.sensitive):
        yield ("data", "sensitive", index), name
    for name in data.protect:
        yield ("data", "protect", name), name
    for index, name in enumerate(data.groups):
        yield ("data", "groups", index), name
    yield from _anonymised(data)
    if data.time is not None:
        yield ("data", "time"), data.time
    if data.source_column is not None:
        yield ("data", "source_column"), data.source_column
    consent = data.governance.consent if data.governance else None
    if consent and consent.column is not None:
        yield ("data", "governance", "consent", "column"), consent.column


def _anonymised(data: Data) -> Iterator[tuple[Place, str]]:
    asked = data.anonymise
    if asked is None:
        return
    for name in asked.quasi_identifiers:
        yield ("data", "anonymise", "quasi_identifiers", name), name
    for name in asked.sensitive:
        yield ("data", "anonymise", "sensitive", name), name
    if asked.presence is not None:
        yield ("data", "anonymise", "presence"), asked.presence
