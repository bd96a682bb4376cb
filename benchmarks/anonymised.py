"""What is left of an anonymised table: its certainty penalty, and how well a model does that learnt from it.

A model sees a class in one of two ways, whoever made it. ``RANGES``: a number is the middle of its range, a name an
equal share of each of its set; all that ranges, sets and levels of a hierarchy tell. ``CENTRES``: the mean, and the
most common name. Models are judged on rows as they were.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pyarrow as pa
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

LINEAR, BOOSTING = "linear", "boosting"


class Reading(StrEnum):
    """How a class is put before a model."""

    RANGES = "ranges"
    CENTRES = "centres"


@dataclass(frozen=True)
class Task:
    """A table to anonymise: its quasi-identifiers, its label, and levels of generalisation for anjana."""

    name: str
    table: pa.Table
    quasi: Sequence[str]
    label: str
    levels: Mapping[str, Mapping[int, Sequence[str]]]

    def part(self, rows: np.ndarray) -> "Task":
        """The same task on some rows."""
        return Task(self.name, self.table.take(rows), self.quasi, self.label, self.levels)


@dataclass(frozen=True)
class Result:
    """CPU seconds, the rows that were kept, and by column the group of each of them: equal values, equal group.

    ``centres`` is the table that was released, where it holds centres.
    """

    cpu: float
    kept: np.ndarray
    groups: Mapping[str, np.ndarray]
    centres: pa.Table | None = None


def penalty(task: Task, result: Result) -> float:
    """Generalised certainty penalty, from the original values that each released value stands for."""
    rows, total = task.table.num_rows, 0.0
    for name in task.quasi:
        values, group = task.table[name].to_numpy(), result.groups[name]
        known, code = np.unique(values, return_inverse=True)
        code = code[result.kept]
        if values.dtype == object:
            pairs = np.unique(group.astype(np.int64) * len(known) + code) // len(known)
            distinct = np.bincount(pairs, minlength=group.max() + 1)
            lost = np.where(distinct > 1, distinct / len(known), 0.0)
        else:
            low, high = bounds(values[result.kept].astype(float), group)
            lost = (high - low) / (known[-1] - known[0])
        total += float(lost[group].sum() + rows - len(result.kept)) / rows
    return total / len(task.quasi)


def bounds(values: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.full(group.max() + 1, np.inf), np.full(group.max() + 1, -np.inf)
    np.minimum.at(low, group, values)
    np.maximum.at(high, group, values)
    return low, high


def scores(
    train: Task, test: Task, seen: tuple[Result, Reading] | None, models: Sequence[str] = (LINEAR, BOOSTING)
) -> dict[str, float]:
    """Area under the ROC curve of ``models`` that saw ``train`` like this, or as it was."""
    names = {
        name: np.unique(pa.concat_tables([train.table, test.table])[name].to_numpy())
        for name in train.table.column_names
        if pa.types.is_string(train.table[name].type)
    }
    if seen is not None and seen[1] is Reading.CENTRES and seen[0].centres is not None:
        train, seen = replace(train, table=seen[0].centres), None
    inputs, held = _features(train, seen, names), _features(test, None, names)
    target = train.table[train.label].to_numpy()
    target = target if seen is None else target[seen[0].kept]
    truth = test.table[test.label].to_numpy()
    return {
        name: float(roc_auc_score(truth, model.fit(inputs, target).predict_proba(held)[:, 1]))  # type: ignore[attr-defined]
        for name, model in _models()
        if name in models
    }


def _models() -> Iterator[tuple[str, object]]:
    yield LINEAR, make_pipeline(StandardScaler(), LogisticRegression(max_iter=1_000))
    yield BOOSTING, HistGradientBoostingClassifier(max_iter=80, random_state=0)


def _features(task: Task, seen: tuple[Result, Reading] | None, names: Mapping[str, np.ndarray]) -> np.ndarray:
    columns = []
    for name in task.table.column_names:
        if name == task.label:
            continue
        values = task.table[name].to_numpy()
        values = values if seen is None else values[seen[0].kept]
        group = None if seen is None else seen[0].groups.get(name)
        reading = Reading.RANGES if seen is None else seen[1]
        if values.dtype == object:
            columns.append(_names(np.searchsorted(names[name], values), len(names[name]), group, reading))
        else:
            columns.append(_numbers(values.astype(float), group, reading)[:, None])
    return np.hstack(columns)


def _names(code: np.ndarray, domain: int, group: np.ndarray | None, reading: Reading) -> np.ndarray:
    """Share of each name [rows, domain]."""
    group = np.arange(len(code)) if group is None else group
    count = np.zeros((group.max() + 1, domain))
    np.add.at(count, (group, code), 1)
    if reading is Reading.RANGES:
        present = count > 0
        return (present / np.maximum(present.sum(axis=1, keepdims=True), 1))[group]
    return np.eye(domain)[count.argmax(axis=1)][group]


def _numbers(values: np.ndarray, group: np.ndarray | None, reading: Reading) -> np.ndarray:
    if group is None:
        return values
    if reading is Reading.RANGES:
        low, high = bounds(values, group)
        return ((low + high) / 2)[group]
    return (np.bincount(group, values) / np.maximum(np.bincount(group), 1))[group]
