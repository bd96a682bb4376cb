"""A copy of what a project holds on a person, in a form that other programs read (GDPR, articles 15 and 20)."""

import json
import os
from pathlib import Path

import pyarrow as pa

from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.data.values import text_form
from secmlops.data_subject.elsewhere import table_elsewhere
from secmlops.data_subject.holding import HeldRows, Holding, commitments_of, subject_column, table_of
from secmlops.lifecycle.journey import SOURCE
from secmlops.lifecycle.sources import read_source
from secmlops.workspace import Workspace

FORMAT = "secmlops.subject-export/1"


def export_person(workspace: Workspace, holding: Holding) -> dict[str, Json]:
    """JSON of every row of the person as it was delivered, and of what was made of them, by digest.

    Of tables with the same bytes one is told, with all its places; rows in a source that is no file of the project have
    no digest. Values are texts, null where missing. ``unread`` says what could not be searched: the copy lacks it.
    """
    tables: dict[str, dict[str, Json]] = {}
    for held in holding.sources:
        one = tables.setdefault(str(held.digest), {"digest": str(held.digest), "places": [], "rows": []})
        places = one["places"]
        if isinstance(places, list):
            places.append(f"{held.place} {held.name}")
        one["rows"] = _rows(workspace, holding, held)
    if holding.elsewhere:
        source, column = workspace.project.data.source, subject_column(workspace)
        theirs = table_elsewhere(workspace, column, commitments_of(workspace), holding.person)
        tables[""] = {"digest": None, "places": [f"source {source}"], "rows": _told(theirs)}
    return {
        "format": FORMAT,
        "project": workspace.project.name,
        "at": workspace.clock().isoformat(),
        "purposes": _purposes(workspace),
        "tables": list(tables.values()),
        "protected": [{"digest": str(h.digest), "rows": h.rows} for h in holding.protected],
        "derived": [str(digest) for digest in holding.derived],
        "models": [{"digest": str(m.past.model), "learnt_rows": m.learnt} for m in holding.models],
        "releases": list(holding.releases),
        "consent_withdrawn": holding.withdrawn,
        "unread": list(holding.unread),
    }


def write_export(path: Path, told: dict[str, Json]) -> None:
    """Write a new file that only its owner may read; raises InputError when there is one, or it cannot be written."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(path), hint="name another file") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(told, file, indent=2, ensure_ascii=False)
        file.write("\n")


def _rows(workspace: Workspace, holding: Holding, held: HeldRows) -> list[Json]:
    if held.place == "file":
        data = read_source(workspace.folder, held.name)
    else:
        data = workspace.vault.read(held.digest, SOURCE)
    table = table_of(data, held.name)
    theirs = table.take(commitments_of(workspace).rows(table[subject_column(workspace)], holding.person).nonzero()[0])
    return _told(theirs)


def _told(theirs: pa.Table) -> list[Json]:
    columns = {name: text_form(theirs[name]).to_pylist() for name in theirs.column_names}
    return [{name: values[place] for name, values in columns.items()} for place in range(theirs.num_rows)]


def _purposes(workspace: Workspace) -> list[Json]:
    record = workspace.project.data.governance
    return list(record.purpose) if record else []
