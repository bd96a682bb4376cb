"""Changing rights on data sets: each change is checked, and in the ledger when its function returns.

Whoever holds the gateway's signing key administers; ``append`` signs and appends with it.
"""

from collections.abc import Callable, Iterable

import msgspec

from secmlops.access.data_right_book import DataRightBook
from secmlops.access.data_rights import ALL, DataRight, Holder, Right
from secmlops.core.clock import Clock
from secmlops.core.errors import InputError


class DataAdministration:
    """The changes that can be made to rights on data sets. Both raise InputError for what cannot be done."""

    def __init__(self, book: DataRightBook, clock: Clock, append: Callable[[DataRight], None]) -> None:
        self._book = book
        self._clock = clock
        self._append = append

    def grant(self, dataset: str, holder: Holder, right: Right, columns: Iterable[str]) -> DataRight:
        """Give a user or role a right on these columns, ``*`` for all, also those that are still to come."""
        access = self._book.refresh()
        before = access.rights.get(dataset, access.known(holder)) or self._none(dataset, holder)
        return self._put(before.adding(right, columns))

    def revoke(self, dataset: str, holder: Holder, right: Right, columns: Iterable[str]) -> DataRight:
        """Take a right on these columns away, ``*`` for all of them.

        A right on all columns ends as a whole: there is no right on all but one.
        """
        wanted = set(columns)
        before = self._book.refresh().rights.get(dataset, holder) or self._none(dataset, holder)
        held = before.columns(right)
        missing = sorted(wanted - {ALL} - set(held))
        if not held or missing:
            raise _not_granted(before, right, missing)
        return self._put(before.without(right, wanted))

    def _none(self, dataset: str, holder: Holder) -> DataRight:
        return DataRight(dataset=dataset, holder=holder, view=(), modify=(), version=0, at=self._clock())

    def _put(self, change: DataRight) -> DataRight:
        """Append a change and see that it counts: of two that are made at once, only the first does."""
        after = msgspec.structs.replace(change, version=change.version + 1, at=self._clock())
        self._append(after)
        known = self._book.refresh().rights.get(after.dataset, after.holder)
        if known is None or msgspec.structs.replace(known, ledger=after.ledger) != after:
            raise InputError("somebody else changed the same at the same time", hint="look at it, and do it again")
        return after


def _not_granted(before: DataRight, right: Right, missing: list[str]) -> InputError:
    where = f"{before.holder} on {before.dataset}"
    if before.columns(right) == (ALL,):
        hint = "revoke all columns, then grant those that are to stay"
        return InputError(
            f"the right to {right} was granted on all columns, not on single ones", where=where, hint=hint
        )
    what = f"the right to {right} column {missing[0]!r}" if missing else f"a right to {right}"
    hint = "secmlops data who shows what allows it; what a role allows ends when the role is taken away"
    return InputError(f"{what} was never granted here", where=where, hint=hint)
