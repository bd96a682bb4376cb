"""What cannot be done with a column, told before anything is done."""

from collections.abc import Iterator

from secmlops.core.finding import Finding, Severity
from secmlops.data.dataset import DataSet
from secmlops.data.protection.actions import Action
from secmlops.data.values import ColumnType, type_of

_DATES = (ColumnType.DATE, ColumnType.TIMESTAMP)


def contradictions(dataset: DataSet) -> Iterator[Finding]:
    """Errors for actions that are not known, or that do not fit their column."""
    for column, action in dataset.protect.items():
        told, hint = _contradiction(dataset, column, action)
        if told:
            yield Finding("protect.action", Severity.ERROR, told, where=f"column {column!r}", hint=hint)


def _contradiction(dataset: DataSet, column: str, action: str) -> tuple[str, str]:
    kind = type_of(dataset.table[column])
    if action not in tuple(Action):
        return f"unknown action; there are {', '.join(Action)}", ""
    if column == dataset.label and action != Action.KEEP:
        return "the label cannot be protected: the model learns to predict it", ""
    if action == Action.REDACT and kind is not ColumnType.TEXT:
        return f"redact replaces what stands in texts, and this column is of type {kind}", "choose another action"
    if action == Action.SHIFT and kind not in _DATES:
        return f"shift_dates moves dates, and this column is of type {kind}", "write dates as YYYY-MM-DD"
    if action == Action.SHIFT and dataset.subject_id is None:
        return "shift_dates needs to know whose date it is", "name the column of the persons in data.subject_id"
    return "", ""
