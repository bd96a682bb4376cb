"""The control data.personal: no column with personal data goes on unless it is protected, or accepted by name."""

from dataclasses import dataclass
from typing import ClassVar

from secmlops.core.control import Examination
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.data.dataset import DataSet
from secmlops.data.discovery.columns import SAMPLE_ROWS, PersonalColumn, discover
from secmlops.data.yaml_text import yaml_text

KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Personal:
    """Columns that hold names, addresses, identifiers and the like, by header and by value; no value is ever told.

    An error for each such column without an action in ``protect``; ``keep`` there accepts it by name. A label cannot
    be protected: one that holds personal data is refused, unless it is accepted. Measures:
    ``personal_columns``, ``unprotected_columns``, ``protected_columns``, ``accepted_columns``, ``sampled_rows``.
    ``seed`` draws the sample of a long table.
    """

    id: ClassVar[str] = "data.personal"
    version: ClassVar[str] = "6"
    stage: ClassVar[Stage] = Stage.DATA
    threats: ClassVar[tuple[str, ...]] = ()
    reduces: ClassVar[tuple[str, ...]] = ("stride:information-disclosure",)

    seed: int = 0

    def examine(self, artifact: DataSet, /) -> Examination:
        """Search every column."""
        columns = discover(artifact.table, self.seed)
        actions = [_effective(artifact.protect.get(c.column), c.column == artifact.label) for c in columns]
        findings = tuple(_finding(c, action, artifact.label) for c, action in zip(columns, actions, strict=True))
        measures = {
            "personal_columns": float(len(columns)),
            "unprotected_columns": float(actions.count(None)),
            "protected_columns": float(sum(action not in (None, KEEP) for action in actions)),
            "accepted_columns": float(actions.count(KEEP)),
            "sampled_rows": float(min(artifact.table.num_rows, SAMPLE_ROWS)),
        }
        return Examination.judged(findings, measures)


def unprotected(column: PersonalColumn, label: str) -> Finding:
    """Error for a column that holds personal data and has no action; of the ``label``, that it cannot be one."""
    where = f"column {column.column!r}"
    if column.column == label:
        told = f"{_told(column)}: a label of personal data, which a model would learn to tell"
        advice = f"choose another label, or accept it: add to data.protect: {yaml_text(label)}: {KEEP}"
        return Finding("personal.label", Severity.ERROR, told, where, advice)
    advice = f"add to data.protect: {yaml_text(column.column)}: {column.suggestion}  (or keep, to accept it)"
    return Finding("personal.unprotected", Severity.ERROR, _told(column), where, advice)


def _effective(action: str | None, is_label: bool) -> str | None:
    """Action that counts: nothing but acceptance can be done to a label."""
    return None if is_label and action != KEEP else action


def _finding(column: PersonalColumn, action: str | None, label: str) -> Finding:
    if action is None:
        return unprotected(column, label)
    if action == KEEP:
        told = f"{_told(column)}; accepted by name"
        return Finding("personal.accepted", Severity.NOTE, told, where=f"column {column.column!r}")
    told = f"{_told(column)}; protected by {action}"
    return Finding("personal.protected", Severity.NOTE, told, where=f"column {column.column!r}")


def _told(column: PersonalColumn) -> str:
    kinds = ", ".join(column.kinds)
    share = "under 0.1%" if column.share < 0.001 else f"{column.share:.1%}"
    return f"{kinds} in {share} of the cells (confidence {column.confidence:.2f})"
