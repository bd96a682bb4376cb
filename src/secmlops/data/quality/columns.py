"""Chooses the columns whose values are judged: those that a model may see, as numbers or as codes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from secmlops.data.dataset import DataSet
from secmlops.data.features import is_free_text
from secmlops.data.identifiers import names_rows
from secmlops.data.values import ColumnType, codes, numbers, type_of

Numbers = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

_HIDDEN = frozenset({"drop", "pseudonymise", "encrypt"})
_NUMERIC = (ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.DATE, ColumnType.TIMESTAMP)


@dataclass(frozen=True, slots=True, eq=False)
class JudgedColumns:
    """``numeric`` float64 [n], NaN where missing (days for dates), and ``coded`` int64 [n] from 0, by column name."""

    numeric: Mapping[str, Numbers]
    coded: Mapping[str, Codes]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all of them, the numeric ones first."""
        return (*self.numeric, *self.coded)


def judged_columns(dataset: DataSet) -> JudgedColumns:
    """Columns of ``dataset`` that hold properties of its rows.

    Left out are the label, what names the person or the row, free text, and what is dropped or made unreadable before
    a model learns.
    """
    numeric: dict[str, Numbers] = {}
    coded: dict[str, Codes] = {}
    for name in _properties(dataset):
        column = dataset.table[name]
        if type_of(column) in _NUMERIC:
            numeric[name] = numbers(column)
        else:
            coded[name] = codes(column)
    return JudgedColumns(numeric, coded)


def _properties(dataset: DataSet) -> Iterator[str]:
    for name in dataset.table.column_names:
        column = dataset.table[name]
        named = (
            name in (dataset.label, dataset.subject_id, dataset.time, dataset.source_column, *dataset.groups)
            or dataset.protect.get(name) in _HIDDEN
        )
        if not named and column.null_count < len(column) and not is_free_text(column) and not names_rows(column):
            yield name
