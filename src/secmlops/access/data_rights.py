"""Rights on the columns of data sets: what the ledger says a user or a role may view or modify.

Roles of a project can allow as much by their permissions (``data.read data:applications.csv/income``). A right adds to
that, for one user or role, without another role; no right takes away what a role allows.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

import msgspec
from msgspec import Meta

from secmlops.access.changes import Moment, Version
from secmlops.access.permissions import Action

ALL = "*"
"""Stands for every column, also one that a later version of the data set brings."""

Text = Annotated[str, Meta(min_length=1, max_length=1_000)]


class Right(StrEnum):
    """What may be done to a column: read its values, or destroy them. Neither gives the other."""

    VIEW = "view"
    MODIFY = "modify"


ACTIONS: Mapping[Right, Action] = MappingProxyType({Right.VIEW: Action.DATA_READ, Right.MODIFY: Action.DATA_WRITE})
"""The action of a role's permission that gives the same right."""


class Holder(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """Who has a right: the user, or everybody with the role, of this name."""

    kind: Annotated[str, Meta(pattern="^(user|role)$")]
    name: Text

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class DataRight(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The columns of one data set that its holder may view, and those that it may modify, from now on.

    Names of columns, or ``*`` alone. Without any, the right has ended. ``version`` grows with every change, so that an
    earlier entry, appended once more, changes nothing. ``ledger`` is the digest of the origin of the one ledger that
    the change is meant for.
    """

    dataset: Text
    holder: Holder
    view: tuple[Text, ...]
    modify: tuple[Text, ...]
    version: Version
    at: Moment
    ledger: str = ""

    def columns(self, right: Right) -> tuple[str, ...]:
        """Columns that the right covers, or ``*`` alone."""
        return self.view if right is Right.VIEW else self.modify

    def covers(self, right: Right, column: str) -> bool:
        """Whether the holder may do this to the column."""
        held = self.columns(right)
        return held == (ALL,) or column in held

    def adding(self, right: Right, columns: Iterable[str]) -> "DataRight":
        """Right that covers these columns, too; ``*`` takes the place of all names."""
        joined = {*self.columns(right), *columns}
        return self._having(right, (ALL,) if ALL in joined else tuple(sorted(joined)))

    def without(self, right: Right, columns: Iterable[str]) -> "DataRight":
        """Right that no longer covers these columns; ``*`` stands for all that it names, and for itself."""
        taken = set(columns)
        return self._having(right, () if ALL in taken else tuple(c for c in self.columns(right) if c not in taken))

    def _having(self, right: Right, columns: tuple[str, ...]) -> "DataRight":
        return msgspec.structs.replace(self, **{str(right): columns})


class DataRights:
    """What the last change says of each data set and holder, ended rights too.

    What is replayed a second time, or out of its order, changes nothing: only a version above the known one counts.
    ``passed_over`` counts the changes that would have given something and were signed by a revoked key.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, Holder], DataRight] = {}
        self.passed_over = 0

    @property
    def passed_over_in_words(self) -> str:
        """How many changes give nothing, and why."""
        many = self.passed_over
        told = "right on data was" if many == 1 else "rights on data were"
        return f"{many} {told} given with a key that was revoked, and count for nothing"

    def replay(self, change: DataRight) -> None:
        """Take in the next change."""
        if change.version > self.version(change.dataset, change.holder):
            self._known[change.dataset, change.holder] = change

    def replay_revoked(self, change: DataRight) -> None:
        """Take in the next change, signed by a key that was revoked since: it takes away, and gives nothing.

        What both the change and the right before it cover is left, under the earlier version: versions are those of
        other keys, so that a thief cannot use them up.
        """
        earlier = self.get(change.dataset, change.holder)
        if earlier is not None and change.version > earlier.version:
            common = {str(right): _common(earlier.columns(right), change.columns(right)) for right in Right}
            self._known[change.dataset, change.holder] = msgspec.structs.replace(earlier, **common)
        self.passed_over += bool(change.view or change.modify)

    def end(self, holder: Holder) -> None:
        """End all that a removed user or role had: another one of the same name must not come into it."""
        for key, right in self._known.items():
            if right.holder == holder:
                self._known[key] = msgspec.structs.replace(right, view=(), modify=())

    def get(self, dataset: str, holder: Holder) -> DataRight | None:
        """Return the right of a holder on a data set, also one that has ended."""
        return self._known.get((dataset, holder))

    def version(self, dataset: str, holder: Holder) -> int:
        """Return the version of a holder's right, 0 where there never was one."""
        known = self.get(dataset, holder)
        return 0 if known is None else known.version

    def of(self, dataset: str) -> tuple[DataRight, ...]:
        """Rights on a data set that have not ended, by holder."""
        known = (right for (name, _), right in sorted(self._known.items()) if name == dataset)
        return tuple(right for right in known if right.view or right.modify)


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    if one == (ALL,):
        return other
    return one if other == (ALL,) else tuple(column for column in one if column in other)
