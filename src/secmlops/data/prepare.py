"""Prepares a protected data set for a model: its signature, and examples for training and for judging."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.core.counting import counted
from secmlops.core.errors import InputError
from secmlops.data.arrow import Chunks
from secmlops.data.bands import UNKNOWN, banded
from secmlops.data.copies import find_copies
from secmlops.data.dataset import DataSet
from secmlops.data.features import FeatureColumns, describe, feature_columns
from secmlops.data.presentable import presented
from secmlops.data.split import Codes, join_groups, split_rows
from secmlops.data.values import ColumnType, codes, distinct, factorise, numbers, text_form, texts, type_of
from secmlops.runtime.examples import Examples
from secmlops.runtime.row_keys import row_keys, told_apart
from secmlops.runtime.signature import Inputs, Signature

MINIMUM_ROWS = 10
_GROUP_BANDS = 5
_GROUP_VALUES = 12
_NAMED_GROUPS = 100
_DATES = (ColumnType.DATE, ColumnType.TIMESTAMP)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What training and assurance work with.

    ``train_rows`` and ``holdout_rows`` are row numbers of the table; ``left_out`` gives the reason for each column
    that is no feature; ``persons`` [rows of the table] numbers the persons, None without a subject_id; ``grouped``
    numbers the groups of each column that names some; ``moments`` [rows of the table] are those of the time column in
    days since 1970-01-01 (its own unit if it holds numbers), NaN where missing; ``dates`` are the features that are
    dates; ``sources`` [rows of the table] name where each row came from, None without a source_column.
    """

    signature: Signature
    train: Examples = field(repr=False)
    holdout: Examples = field(repr=False)
    train_rows: npt.NDArray[np.intp]
    holdout_rows: npt.NDArray[np.intp]
    left_out: Mapping[str, str]
    persons: Codes | None = None
    grouped: Mapping[str, Codes] = field(default_factory=dict)
    moments: npt.NDArray[np.float64] | None = None
    dates: frozenset[str] = frozenset()
    sources: npt.NDArray[np.object_] | None = None


def prepare(dataset: DataSet, holdout: float, seed: int) -> Prepared:
    """Prepare ``dataset``, keeping about the share ``holdout`` (0.05 to 0.5) of the rows for judging.

    Rows of one person or group and exact copies of a row stay on one side; without a person, the rows of others stay
    where they were. Raises InputError when the share is out of range, nothing is left to learn from, or a class has too
    few rows for both sides.
    """
    if not 0.05 <= holdout <= 0.5:
        raise InputError(f"holdout is {holdout}", where=dataset.name, hint="a share from 0.05 to 0.5, such as 0.25")
    if dataset.table.num_rows < MINIMUM_ROWS:
        raise InputError(
            f"{counted(dataset.table.num_rows, 'row')}, at least {MINIMUM_ROWS} are needed",
            where=dataset.name,
            hint="a few hundred rows are the least that tell how good a model is",
        )
    columns = feature_columns(dataset)
    target = _target(dataset)
    persons = codes(dataset.table[dataset.subject_id]) if dataset.subject_id is not None else None
    grouped = {name: _group_codes(dataset.table[name]) for name in dataset.groups}
    groups = join_groups(_copies(columns, target), *grouped.values(), *([] if persons is None else [persons]))
    strata = target.astype(np.int64) if dataset.task.is_classification else np.zeros(len(target), np.int64)
    keys = told_apart(row_keys([*columns.numeric.values(), *columns.categorical.values(), target], len(target)))
    train_rows, holdout_rows = split_rows(groups, strata, keys, holdout, seed)
    _check_sides(dataset, target, train_rows, holdout_rows)
    signature = Signature(task=dataset.task, features=describe(columns, train_rows), classes=dataset.classes)
    everything = Examples(_inputs(columns, dataset.table.num_rows), target, groups_of(dataset.table, dataset.sensitive))
    return Prepared(
        signature=signature,
        train=everything.take(train_rows),
        holdout=everything.take(holdout_rows),
        train_rows=train_rows,
        holdout_rows=holdout_rows,
        left_out=columns.left_out,
        persons=persons,
        grouped=grouped,
        moments=None if dataset.time is None else numbers(dataset.table[dataset.time]),
        dates=frozenset(name for name in columns.numeric if type_of(dataset.table[name]) in _DATES),
        sources=None if dataset.source_column is None else texts(dataset.table[dataset.source_column], UNKNOWN),
    )


def _inputs(columns: FeatureColumns, rows: int) -> Inputs:
    numeric, categorical = list(columns.numeric.values()), list(columns.categorical.values())
    return Inputs(
        np.stack(numeric, axis=1) if numeric else np.empty((rows, 0), np.float32),
        np.stack(categorical, axis=1) if categorical else np.empty((rows, 0), object),
    )


def _target(dataset: DataSet) -> npt.NDArray[np.int64] | npt.NDArray[np.float64]:
    label = dataset.table[dataset.label]
    if not dataset.task.is_classification:
        return numbers(label)
    places: npt.NDArray[np.int64] = pc.index_in(text_form(label), pa.array(dataset.classes)).cast(pa.int64()).to_numpy()
    return places


def _copies(columns: FeatureColumns, target: npt.NDArray[np.int64] | npt.NDArray[np.float64]) -> Codes:
    """Code of each row, equal for exact copies: the same features and the same target.

    Rows that are equal by chance stand alone.
    """
    rows = len(target)
    copies = find_copies([target, *columns.numeric.values(), *columns.categorical.values()], rows)
    return factorise(np.where(copies.by_chance, rows + np.arange(rows), copies.codes))


def _check_sides(
    dataset: DataSet,
    target: npt.NDArray[np.int64] | npt.NDArray[np.float64],
    train_rows: npt.NDArray[np.intp],
    holdout_rows: npt.NDArray[np.intp],
) -> None:
    unit = "persons" if dataset.subject_id is not None else "different rows"
    where = f"{dataset.name}, column {dataset.label!r}"
    if not len(holdout_rows) or not len(train_rows):
        raise InputError(f"too few {unit} for a holdout", where=where, hint="gather more data")
    for index, name in enumerate(dataset.classes):
        if not np.any(target[train_rows] == index) or not np.any(target[holdout_rows] == index):
            advice = "gather more of it, join it with another class, or choose a larger holdout"
            told = f"class {presented([name], dataset.label) or index + 1}"
            raise InputError(f"{told} has too few {unit} for train and holdout", where=where, hint=advice)


def _group_codes(column: Chunks) -> Codes:
    """Code of each row's group; a row without one stands alone."""
    rows = len(column)
    return factorise(np.where(column.is_null().to_numpy(), rows + np.arange(rows), codes(column)))


def groups_of(table: pa.Table, names: Sequence[str]) -> dict[str, npt.NDArray[np.object_]]:
    """Group [n] of each row, by the column ``names``: the values of few, or bands of numbers."""
    return {name: _group(table[name], name) for name in names}


def _group(column: Chunks, name: str) -> npt.NDArray[np.object_]:
    if type_of(column) in (ColumnType.BOOLEAN, ColumnType.TEXT) or distinct(column) <= _GROUP_VALUES:
        return _nameable(texts(column, UNKNOWN), name)
    return banded(numbers(column), _GROUP_BANDS)


def _nameable(values: npt.NDArray[np.object_], column: str) -> npt.NDArray[np.object_]:
    """The values [n], or numbers for them where one of them must not be told: groups are named in evidence."""
    names = list(dict.fromkeys(values))
    if len(names) <= _NAMED_GROUPS and all(presented((name,), column) for name in names):
        return values
    numbered = {name: f"group {number}" for number, name in enumerate(names, 1)}
    return np.array([numbered[value] for value in values], object)
