"""Reading and destroying columns with the rights of a user, which count until the last row, and on record."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from secmlops.access.data_access import DataAccess
from secmlops.access.data_right_book import DataRightBook
from secmlops.access.data_rights import Right
from secmlops.core.clock import Clock
from secmlops.core.errors import GateShutError, InputError, VerificationError
from secmlops.core.evidence import Evidence
from secmlops.data.columns.catalogue import StoredDataSet
from secmlops.data.columns.record import Deed
from secmlops.data.columns.store import ColumnStore

PART_ROWS = 16_384
"""Rows that are given out between two looks at the rights."""


@dataclass(frozen=True, slots=True)
class Reading:
    """``tables`` gives the rows of ``columns``, part by part; ``hidden`` columns are not among them, nor ``destroyed``.

    Drawing from it raises GateShutError when a right ends meanwhile, VerificationError when what is stored is not what
    was put there.
    """

    columns: tuple[str, ...]
    hidden: int
    destroyed: tuple[str, ...]
    tables: Iterator[pa.Table] = field(repr=False)


class GuardedColumns:
    """The columns of a project's data sets, for those who may see or destroy them.

    Every reading, every destruction, and every attempt that was refused or stopped is put on record before any value
    is given out. The rights of whoever reads are looked up again before each 16,384 rows.
    """

    def __init__(
        self, store: ColumnStore, rights: DataRightBook, record: Callable[[Evidence], None], clock: Clock
    ) -> None:
        self._store = store
        self._rights = rights
        self._record = record
        self._clock = clock

    def read(self, dataset: StoredDataSet, user: str, columns: Sequence[str] | None = None) -> Reading:
        """Begin to read these columns, or all that the user may view and that are left.

        Raises GateShutError for columns that the user may not view, and when there are none; InputError when there is
        no such user, no such column (told to those who may view it), or it was destroyed.
        """
        there = self._store.columns(dataset.digest)
        access = self._rights.refresh()
        identity = access.identity(user)
        visible = access.allowed(identity, dataset.name, Right.VIEW, there)
        wanted = tuple(visible) if columns is None else tuple(dict.fromkeys(columns))
        deed = Deed(identity, Right.VIEW, dataset, wanted)
        self._require(access, deed, there)
        gone = tuple(column for column in wanted if column in there and not there[column])
        if columns is None and len(gone) < len(wanted):
            deed = Deed(identity, Right.VIEW, dataset, tuple(column for column in wanted if there[column]))
        _check_there(deed, there)
        self._record(deed.evidence(self._clock()))
        return Reading(deed.columns, len(there) - len(visible), gone, self._stream(deed))

    def destroy(self, dataset: StoredDataSet, user: str, column: str) -> None:
        """Destroy the key and the file of a column, in every copy and for good. Raises what ``read`` raises."""
        there = self._store.columns(dataset.digest)
        access = self._rights.refresh()
        deed = Deed(access.identity(user), Right.MODIFY, dataset, (column,))
        self._require(access, deed, there)
        _check_there(deed, there)
        self._record(deed.evidence(self._clock()))
        self._store.destroy_column(dataset.digest, column)

    def _stream(self, deed: Deed) -> Iterator[pa.Table]:
        given = 0

        def check() -> None:
            if not self._still_may(deed):
                why = f"the right to view ended after {given} rows"
                self._record(deed.evidence(self._clock(), stopped=why))
                raise _shut(deed, why)

        try:
            for table in self._store.stream(deed.dataset.digest, deed.columns, check):
                for start in range(0, table.num_rows, PART_ROWS):
                    check()
                    part = table.slice(start, PART_ROWS)
                    yield part
                    given += part.num_rows
        except VerificationError:
            self._record(deed.evidence(self._clock(), stopped=f"after {given} rows, something was not what was stored"))
            raise

    def _still_may(self, deed: Deed) -> bool:
        access = self._rights.refresh()
        try:
            identity = access.identity(deed.identity.name)
        except InputError:  # the user was removed
            return False
        allowed = access.allowed(identity, deed.dataset.name, deed.right, deed.columns)
        return len(allowed) == len(deed.columns)

    def _require(self, access: DataAccess, deed: Deed, there: Container[str]) -> None:
        """Refuse columns that the identity has no right on, and a deed on none.

        What was asked for and is no column is told to whoever asked, and not put on record: it may be anything.
        """
        allowed = access.allowed(deed.identity, deed.dataset.name, deed.right, deed.columns)
        refused = tuple(column for column in deed.columns if column not in allowed)
        if refused or not deed.columns:
            known = tuple(column for column in refused if column in there)
            self._record(replace(deed, columns=known).evidence(self._clock(), stopped=f"no right to {deed.right}"))
            raise _shut(replace(deed, columns=refused), f"no right to {deed.right}")


def _shut(deed: Deed, why: str) -> GateShutError:
    named = ", ".join(repr(column) for column in deed.columns[:5]) or "any column"
    more = f" and {len(deed.columns) - 5} more" if len(deed.columns) > 5 else ""
    hint = "secmlops data who shows who may; secmlops data grant gives a right"
    return GateShutError(f"{deed.identity.name}: {why}: {named}{more}", where=deed.dataset.name, hint=hint)


def _check_there(deed: Deed, there: Mapping[str, bool]) -> None:
    for column in deed.columns:
        if column not in there:
            hint = "secmlops data who shows the columns"
            raise InputError(f"there is no column {column!r}", where=deed.dataset.name, hint=hint)
        if not there[column]:
            hint = "its key is gone, so nobody can read it again"
            raise InputError(f"the column {column!r} was destroyed", where=deed.dataset.name, hint=hint)
