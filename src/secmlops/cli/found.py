"""What ``secmlops init`` found in a table and proposes, in a few lines: no value of the table stands in them."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from secmlops.core.counting import counted
from secmlops.core.task import Task
from secmlops.data.reading import Reading
from secmlops.data.values import text_form
from secmlops.project.settings import Project

FEW_ROWS = 500
FEW_EVENTS = 100
"""Rows of the rarest class in the holdout below which ``assurance.performance`` warns."""


def found_in(reading: Reading, project: Project) -> Iterator[str]:
    """Lines on the table that was read and the project that is proposed for it."""
    table, data = reading.table, project.data
    yield f"table    {counted(table.num_rows, 'row')}, {counted(table.num_columns, 'column')}"
    yield from (f"note     {note.message}" for note in reading.notes)
    yield f"label    {data.label}: {str(project.task).replace('_', ' ')}{_event(reading, project)}"
    if data.protect:
        actions = ", ".join(f"{column} {action}" for column, action in data.protect.items())
        yield f"protect  {counted(len(data.protect), 'column')}, personal or of no use: {actions}"
    else:
        yield "protect  no personal data was found; the search can miss some"
    if data.sensitive:
        yield f"groups   {', '.join(data.sensitive)}: look sensitive; assurance.fairness compares their groups"
    required = ", ".join(f"{measure} {condition}" for measure, condition in project.release.require.items())
    yield f"require  {required}: a proposal, choose your own"
    yield from _too_small(reading, project)


def _event(reading: Reading, project: Project) -> str:
    if project.task is not Task.BINARY or project.data.positive is None:
        return ""
    return f", event {_events(reading, project):,} of {counted(reading.table.num_rows, 'row')}"


def _events(reading: Reading, project: Project) -> int:
    positive = project.data.positive
    wanted = str(positive).lower() if isinstance(positive, bool) else str(positive)
    forms = text_form(reading.table[project.data.label])
    return int(pc.sum(pc.equal(forms, pa.scalar(wanted)).cast(pa.int64())).as_py())


def _too_small(reading: Reading, project: Project) -> Iterator[str]:
    rows = reading.table.num_rows
    held_out = int(rows * project.assurance.holdout)
    if rows < FEW_ROWS:
        yield f"warning  few rows: {held_out} will be held out, and what is measured on so few is very uncertain"
    elif project.task is Task.BINARY and _events(reading, project) * project.assurance.holdout < FEW_EVENTS:
        events = int(_events(reading, project) * project.assurance.holdout)
        yield f"warning  few events: about {events} will be held out, and what is measured on so few is uncertain"
