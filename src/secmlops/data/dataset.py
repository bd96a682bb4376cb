"""A data set: a table together with what its columns mean for one project."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from secmlops.core.counting import counted
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.task import Task
from secmlops.data.presentable import is_presentable, presented
from secmlops.data.values import ColumnType, distinct, numbers, text_form, type_of

MAX_CLASSES = 1_000
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class DataSet:
    """A table whose label can be learnt, and the roles of its columns.

    ``digest`` names the bytes the table was read from. ``positive`` is the text form of the event's value in a binary
    label. ``protect`` gives the action by column: drop, pseudonymise, generalise, encrypt or keep. ``groups`` are
    columns (machine, household) of which all rows with one value belong together, as those of one subject do; ``time``
    is the column with the moment at which each row's answer would be asked for, a date or a number; ``source_column``
    tells where each row came from. Making one raises InputError when a named column does not exist, or when the label
    has missing values, a single class, more than two classes for a binary task, or is not a finite number for a
    regression, or when ``time`` is a text.
    """

    name: str
    table: pa.Table = field(repr=False)
    digest: Digest
    task: Task
    label: str
    positive: str | None = None
    subject_id: str | None = None
    sensitive: tuple[str, ...] = ()
    protect: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    groups: tuple[str, ...] = ()
    time: str | None = None
    source_column: str | None = None

    def __post_init__(self) -> None:
        self._check_columns()
        self._check_time()
        self._check_label()

    @property
    def classes(self) -> tuple[str, ...]:
        """Text forms of the classes, sorted by value; empty for a regression.

        Of a binary label the event comes last: ``positive``, or else the larger value.
        """
        if not self.task.is_classification:
            return ()
        values = self.table[self.label].combine_chunks().unique().sort()
        forms = tuple(str(form) for form in text_form(pa.chunked_array([values])).to_pylist() if form is not None)
        return tuple(sorted(forms, key=self._is_event)) if self.task is Task.BINARY else forms

    def _is_event(self, form: str) -> bool:
        positive = self.positive or ""
        return form == positive or (type_of(self.table[self.label]) is ColumnType.BOOLEAN and form == positive.lower())

    def _check_columns(self) -> None:
        roles: list[tuple[str, Sequence[str]]] = [
            ("label", (self.label,)),
            ("subject_id", (self.subject_id,) if self.subject_id is not None else ()),
            ("sensitive", self.sensitive),
            ("protect", tuple(self.protect)),
            ("groups", self.groups),
            ("time", (self.time,) if self.time is not None else ()),
            ("source_column", (self.source_column,) if self.source_column is not None else ()),
        ]
        for role, columns in roles:
            for column in columns:
                self._check_column(role, column)
        for role, columns in roles[1:]:
            if self.label in columns and role in ("subject_id", "groups", "time", "source_column"):
                raise InputError(f"one column is both label and {role}", where=self.name)

    def _check_column(self, role: str, column: str) -> None:
        names = self.table.column_names
        if column not in names:
            told = [name for name in names if is_presentable(name)]
            near = difflib.get_close_matches(column, told, n=1, cutoff=0.5)
            advice = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(told[:20])}"
            raise InputError(f"{role} names a column {column!r} that does not exist", where=self.name, hint=advice)

    def _check_time(self) -> None:
        if self.time is not None and type_of(self.table[self.time]) in (ColumnType.TEXT, ColumnType.BOOLEAN):
            where, advice = (
                f"{self.name}, column {self.time!r}",
                "dates as 2026-01-31, or a number that rises with time",
            )
            raise InputError(f"time is {type_of(self.table[self.time])}, not a date", where=where, hint=advice)

    def _check_label(self) -> None:
        where = f"{self.name}, column {self.label!r}"
        missing = self.table[self.label].null_count
        if missing:
            advice = "leave these rows out, or find out their labels"
            raise InputError(f"the label is missing in {counted(missing, 'row')}", where=where, hint=advice)
        if self.task is Task.REGRESSION:
            self._check_quantity(where)
        else:
            self._check_classes(where)

    def _check_quantity(self, where: str) -> None:
        column = self.table[self.label]
        if type_of(column) not in (ColumnType.INTEGER, ColumnType.NUMBER):
            raise InputError(f"the label of a regression is {type_of(column)}, not a number", where=where)
        endless = int(np.count_nonzero(~np.isfinite(numbers(column))))
        if endless:
            raise InputError(f"the label is infinite in {counted(endless, 'row')}", where=where)
        if distinct(column) < 2:
            raise InputError("the label has a single value", where=where, hint="there is nothing to learn")

    def _check_classes(self, where: str) -> None:
        count = distinct(self.table[self.label])
        if count == 1:
            raise InputError("the label has a single class", where=where, hint="there is nothing to learn")
        if count > MAX_CLASSES:
            advice = "for a quantity set task: regression"
            raise InputError(f"the label has {count} classes, at most {MAX_CLASSES}", where=where, hint=advice)
        if self.task is Task.BINARY:
            self._check_binary(count, where)

    def _check_binary(self, count: int, where: str) -> None:
        classes = self.classes
        shown = presented(classes, self.label)
        if count != 2:
            advice = "set task: multiclass_classification, or join classes"
            told = f"a binary label has two classes, here are {count}"
            raise InputError(f"{told}: {shown}" if shown else told, where=where, hint=advice)
        if self.positive is not None and not self._is_event(classes[-1]):
            told = f"positive is {self.positive!r}" if is_presentable(self.positive) else "positive is something else"
            holds = f"the label holds {shown}" if shown else "the label holds two other values"
            raise InputError(f"{told}, but {holds}", where=where, hint="write one of the two values of the label")
