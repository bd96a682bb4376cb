"""What a project file may not say of its data: contradictions that no single key shows."""

from collections.abc import Callable, Iterator

from secmlops.core.errors import InputError
from secmlops.data.anonymise.settings import demand_of
from secmlops.data.protection.actions import OPAQUE, Action
from secmlops.data.sources.url import check_url, is_database, is_url
from secmlops.project.problems import Problem
from secmlops.project.settings import Data
from secmlops.project.units import parse_duration

_OPAQUE = (Action.DROP, *OPAQUE)


def data_contradictions(data: Data, is_below: Callable[[str], bool]) -> Iterator[Problem]:
    """Problems of the section ``data``; ``is_below`` tells whether a file name stays below the project's folder."""
    if data.label in data.protect:
        yield ("data", "protect", data.label), "the label cannot be protected: the model learns to predict it"
    yield from _place("source", data.source, data.query, is_below)
    if data.serving is not None:
        yield from _place("serving", data.serving, None, is_below)
    if data.query is not None and not is_database(data.source):
        yield ("data", "query"), "a query is for a source that begins with postgresql://"
    yield from _roles(data)
    yield from _anonymisation(data)
    yield from _governance(data, is_below)


def _place(key: str, name: str, query: str | None, is_below: Callable[[str], bool]) -> Iterator[Problem]:
    """A URL is not quoted where it cannot be used: someone may have written a password into it."""
    if is_url(name):
        try:
            check_url(name, query)
        except InputError as error:
            yield ("data", key), f"{error.what}; {error.hint}"
    elif not is_below(name):
        yield ("data", key), f"{name!r} is not a file below the project's folder; copy it there"


def _roles(data: Data) -> Iterator[Problem]:
    for index, name in enumerate(data.groups):
        if name == data.label:
            yield ("data", "groups", index), "the label cannot name groups: all rows of a class would stay on one side"
        if data.protect.get(name) is Action.DROP:
            yield ("data", "protect", name), "a dropped column keeps no group together; write pseudonymise"
    if data.time is not None and data.time == data.label:
        yield ("data", "time"), "the label is not the moment of a row"
    if data.time is not None and data.protect.get(data.time, Action.KEEP) is not Action.KEEP:
        yield ("data", "protect", data.time), "the moment of a row must stay readable; no model sees it"
    if data.source_column is not None and data.source_column == data.label:
        yield ("data", "source_column"), "the label is not the source of a row"
    if data.source_column is not None and data.protect.get(data.source_column) is Action.DROP:
        yield ("data", "protect", data.source_column), "a dropped column tells no source; write pseudonymise"


def _anonymisation(data: Data) -> Iterator[Problem]:
    """Yield what cannot be anonymised as it is asked for, whatever the table holds."""
    asked = data.anonymise
    if asked is None:
        return
    try:
        demand_of(asked, data.label)
    except InputError as error:
        yield ("data", "anonymise"), str(error)
    others = {data.subject_id: "names a person: protect it", data.time: "is the moment of a row: it must stay readable"}
    others[data.source_column] = "tells the source: coarser, it would join them"
    others |= dict.fromkeys(data.groups, "names groups: coarser, it would join them")
    for name in asked.quasi_identifiers:
        place = ("data", "anonymise", "quasi_identifiers", name)
        if name in others:
            yield place, f"this column {others[name]}; take it out of the quasi-identifiers"
        if data.protect.get(name) in _OPAQUE:
            yield place, f"there is nothing to generalise after {data.protect[name]}: leave it to one of the two"
    for name in asked.sensitive:
        if data.protect.get(name) is Action.DROP:
            yield ("data", "anonymise", "sensitive", name), "a dropped column is in no class: take it out of the list"


def _governance(data: Data, is_below: Callable[[str], bool]) -> Iterator[Problem]:
    record = data.governance
    if record is None:
        return
    try:
        parse_duration(record.retention)
    except InputError as error:
        yield ("data", "governance", "retention"), str(error)
    withdrawn = record.consent.withdrawn if record.consent else None
    place = ("data", "governance", "consent", "withdrawn")
    if withdrawn is not None and not is_below(withdrawn):
        yield place, f"{withdrawn!r} is not a file below the project's folder; copy it there"
    if withdrawn is not None and data.subject_id is None:
        yield place, "a list of subjects needs data.subject_id, the column that names them"
