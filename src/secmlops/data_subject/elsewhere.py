"""A person's rows in a source that a project reads and does not write: they are told, and deleted by its owner."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.data.sources.location import Location
from secmlops.data.sources.url import is_url
from secmlops.data_subject.person import Commitments
from secmlops.workspace import Workspace


def rows_elsewhere(workspace: Workspace, column: str, commitments: Commitments, person: Digest) -> int:
    """Rows of the person in the project's source if that is a URL, else 0.

    Only the column of identifiers is read. Raises InputError when the source cannot be, or has no such column.
    """
    if not is_url(workspace.project.data.source):
        return 0
    return sum(part.num_rows for part in _theirs(workspace, column, [column], commitments, person))


def table_elsewhere(workspace: Workspace, column: str, commitments: Commitments, person: Digest) -> pa.Table:
    """Table of all that the rows of the person hold there; raises what ``rows_elsewhere`` raises."""
    return pa.concat_tables(_theirs(workspace, column, None, commitments, person))


def _theirs(
    workspace: Workspace, column: str, columns: Sequence[str] | None, commitments: Commitments, person: Digest
) -> Iterator[pa.Table]:
    """Yield the rows of the person, a batch at a time, with these columns."""
    data = workspace.project.data
    source = Location(data.source, workspace.folder, data.query).open()
    try:
        if column not in source.schema.names:
            raise InputError(f"there is no column {column!r}", where=data.source)
        for batch in source.batches(columns):
            part = pa.Table.from_batches([batch])
            yield part.filter(pa.array(commitments.rows(part[column], person)))
    finally:
        source.close()


def refuse_elsewhere(source: str, rows: int) -> None:
    """Raise InputError when there are such rows: the next run would learn from them again."""
    if rows:
        told = f"{rows} rows of this person are in a source that is not written to from here"
        raise InputError(told, where=source, hint="delete them there, then erase again: all that was made of them goes")
