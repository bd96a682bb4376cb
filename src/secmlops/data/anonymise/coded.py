"""A table in integer codes, and the rules of its anonymisation for any part of its rows."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from secmlops.core.counting import counted
from secmlops.core.errors import InputError
from secmlops.data.anonymise.attribute import Attribute
from secmlops.data.anonymise.cells import Codes
from secmlops.data.anonymise.coding import code_attribute, code_label, code_presence, code_sensitive
from secmlops.data.anonymise.demand import Demand
from secmlops.data.anonymise.privacy import Mask, Model, Presence
from secmlops.data.anonymise.relevance import ordered, weigh
from secmlops.data.anonymise.rules import Constraint, Rules


@dataclass(frozen=True, slots=True, eq=False)
class CodedTable:
    """The quasi-identifiers of all rows, and the ``values`` [columns, rows] that the rules look at.

    ``models`` has the number of values and the models of each of these columns. ``member`` [rows] is false for rows of
    a public table that are not in the data set.
    """

    attributes: tuple[Attribute, ...]
    values: Codes = field(repr=False)
    models: tuple[tuple[int, tuple[Model, ...]], ...]
    member: Mask = field(repr=False)

    def rules(self, rows: npt.NDArray[np.intp], demand: Demand) -> Rules:
        """Rules for the rows ``rows`` of the table; raises InputError when not even all of them as a class obey."""
        _check_rows(self.member[rows], demand)
        values = self.values.take(rows, axis=1)
        constraints = tuple(
            Constraint(column, np.bincount(values[column], minlength=kinds)[:kinds], models)
            for column, (kinds, models) in enumerate(self.models)
        )
        for constraint in constraints:
            if not constraint.holds(constraint.whole[np.newaxis]).all():
                told = "not even the table as one class satisfies what is asked for"
                advice = "ask for less (a smaller l, a larger c, wider bounds), or gather more varied data"
                raise InputError(told, where="anonymise", hint=advice)
        attributes = tuple(replace(attribute, codes=attribute.codes[rows]) for attribute in self.attributes)
        return Rules(attributes, demand.k, constraints)


def code_table(table: pa.Table, demand: Demand) -> CodedTable:
    """Code the columns that ``demand`` names; raises InputError for one that cannot be used as it asks."""
    member = code_presence(table, demand.presence)
    _check_rows(member, demand)
    columns: list[Codes] = []
    models: list[tuple[int, tuple[Model, ...]]] = []
    if demand.presence is not None:
        columns.append(member.astype(np.int32))
        models.append((2, (Presence(*demand.delta, demand.k),)))
    for wanted in demand.sensitive:
        codes, kinds, bound = code_sensitive(table, wanted)
        columns.append(np.where(member, codes, kinds).astype(np.int32))
        models.append((kinds, bound))
    attributes = tuple(code_attribute(table, wanted) for wanted in demand.quasi_identifiers)
    if demand.label is not None:
        label = code_label(table, demand.label)
        attributes = weigh(tuple(ordered(one, label) for one in attributes), label, demand.label_weight)
    values = np.stack(columns) if columns else np.empty((0, table.num_rows), np.int32)
    return CodedTable(attributes, values, tuple(models), member)


def _check_rows(member: Mask, demand: Demand) -> None:
    present = int(np.count_nonzero(member))
    if present < demand.k:
        told = f"k is {demand.k}, but the table has {counted(present, 'row')}"
        raise InputError(told, where="anonymise", hint="choose a smaller k, or gather more data")
