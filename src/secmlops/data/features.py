"""Chooses which columns of a data set a model may see, and turns them into model inputs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.core.counting import counted
from secmlops.core.errors import InputError
from secmlops.data.arrow import Chunks
from secmlops.data.dataset import DataSet
from secmlops.data.protection.actions import OPAQUE
from secmlops.data.values import ColumnType, distinct, numbers, texts, type_of
from secmlops.runtime.signature import MISSING_CATEGORY, Feature, FeatureKind

MAX_CATEGORIES = 1_000
_FREE_TEXT_LENGTH = 40
_FREE_TEXT_DISTINCT = 0.5
_CATEGORICAL = (ColumnType.BOOLEAN, ColumnType.TEXT)


@dataclass(frozen=True, slots=True)
class FeatureColumns:
    """``numeric`` float32 [n] and ``categorical`` str [n] arrays by feature name, in table order.

    ``left_out`` gives the reason for every other column; ``integers`` are the numeric features of whole numbers.
    """

    numeric: Mapping[str, npt.NDArray[np.float32]]
    categorical: Mapping[str, npt.NDArray[np.object_]]
    left_out: Mapping[str, str]
    integers: frozenset[str]


def feature_columns(dataset: DataSet) -> FeatureColumns:
    """Choose and convert the features; raises InputError when none is left or a number is too large for float32."""
    numeric: dict[str, npt.NDArray[np.float32]] = {}
    categorical: dict[str, npt.NDArray[np.object_]] = {}
    left_out: dict[str, str] = {}
    integers: set[str] = set()
    for name in dataset.table.column_names:
        column = dataset.table[name]
        reason = _reason_against(name, dataset)
        if reason:
            left_out[name] = reason
        elif type_of(column) in _CATEGORICAL:
            categorical[name] = texts(column, MISSING_CATEGORY)
        else:
            numeric[name] = _as_float32(name, column, dataset.name)
            integers.update({name} if type_of(column) is ColumnType.INTEGER else ())
    if not numeric and not categorical:
        advice = "; ".join(f"{name}: {reason}" for name, reason in list(left_out.items())[:10])
        raise InputError("no column is left to learn from", where=dataset.name, hint=advice)
    return FeatureColumns(numeric, categorical, left_out, frozenset(integers))


def describe(columns: FeatureColumns, rows: npt.NDArray[np.intp]) -> tuple[Feature, ...]:
    """Describe the features as the given rows show them."""
    numeric = [_numeric_feature(n, v[rows], n in columns.integers) for n, v in columns.numeric.items()]
    categorical = [_categorical_feature(n, v[rows]) for n, v in columns.categorical.items()]
    return (*numeric, *categorical)


def _reason_against(name: str, dataset: DataSet) -> str:
    column = dataset.table[name]
    action = dataset.protect.get(name)
    if name in _roles(dataset):
        return _roles(dataset)[name]
    if action in OPAQUE:
        return f"protected by {action}"
    if column.null_count == len(column):
        return "all values missing"
    if not column.null_count and distinct(column) == 1:
        return "constant"
    return "free text" if is_free_text(column) else ""


def _roles(dataset: DataSet) -> Mapping[str, str]:
    """Columns that tell something about a row other than a property of it, and what."""
    roles = dict.fromkeys(dataset.groups, "names a group of rows")
    if dataset.source_column is not None:
        roles[dataset.source_column] = "tells the source of the row"
    if dataset.time is not None:
        roles[dataset.time] = "tells the moment of the row"
    if dataset.subject_id is not None:
        roles[dataset.subject_id] = "identifies the person"
    return {**roles, dataset.label: "label"}


def is_free_text(column: Chunks) -> bool:
    """Whether a column holds prose: texts of more than 40 characters in the mean, of which most differ."""
    if not pa.types.is_string(column.type) or column.null_count == len(column):
        return False
    known = len(column) - column.null_count
    characters = pc.sum(pc.utf8_length(column)).as_py() or 0
    return characters > _FREE_TEXT_LENGTH * known and distinct(column) > _FREE_TEXT_DISTINCT * known


def _as_float32(name: str, column: Chunks, where: str) -> npt.NDArray[np.float32]:
    exact = numbers(column)
    with np.errstate(over="ignore"):
        values = exact.astype(np.float32)
    endless = int(np.count_nonzero(np.isinf(values)))
    if endless:
        advice = "replace these values, or express the column in a larger unit"
        raise InputError(
            f"{counted(endless, 'value')} infinite or too large for a model",
            where=f"{where}, column {name!r}",
            hint=advice,
        )
    return values


def _numeric_feature(name: str, values: npt.NDArray[np.float32], integer: bool) -> Feature:
    missing = np.isnan(values)
    known = values[~missing]
    return Feature(
        name=name,
        kind=FeatureKind.NUMERIC,
        minimum=float(known.min()) if len(known) else None,
        maximum=float(known.max()) if len(known) else None,
        integer=integer,
        nullable=bool(missing.any()),
    )


def _categorical_feature(name: str, values: npt.NDArray[np.object_]) -> Feature:
    coded = pa.array(values, pa.string()).dictionary_encode()
    counted = np.bincount(coded.indices.to_numpy(), minlength=len(coded.dictionary)).tolist()
    counts = dict(zip(map(str, coded.dictionary.to_pylist()), counted, strict=True))
    nullable = counts.pop(MISSING_CATEGORY, 0) > 0
    frequent = sorted(counts, key=lambda c: (-counts[c], c))[:MAX_CATEGORIES]
    return Feature(
        name=name,
        kind=FeatureKind.CATEGORICAL,
        categories=tuple(sorted(frequent)),
        open_ended=len(counts) > MAX_CATEGORIES,
        nullable=nullable,
    )
