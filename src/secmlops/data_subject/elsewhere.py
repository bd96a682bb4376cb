"""A person's rows in a source that a project reads and does not write: they are counted, and deleted by its owner."""

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
    data = workspace.project.data
    if not is_url(data.source):
        return 0
    source = Location(data.source, workspace.folder, data.query).open()
    try:
        if column not in source.schema.names:
            raise InputError(f"there is no column {column!r}", where=data.source)
        ids = (pa.chunked_array([batch.column(0)]) for batch in source.batches([column]))
        return sum(int(commitments.rows(part, person).sum()) for part in ids)
    finally:
        source.close()


def refuse_elsewhere(source: str, rows: int) -> None:
    """Raise InputError when there are such rows: the next run would learn from them again."""
    if rows:
        told = f"{rows} rows of this person are in a source that is not written to from here"
        raise InputError(told, where=source, hint="delete them there, then erase again: all that was made of them goes")
