"""The control data.personal: no column with personal data goes on unless it is protected, or accepted by name."""

from dataclasses import dataclass
from typing import ClassVar

from secmlops.core.control import Examination
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.data.dataset import DataSet
from secmlops.data.discovery import SAMPLE_ROWS, PersonalColumn, discover
from secmlops.data.yaml_text import yaml_text

KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Personal:
    """Columns that hold names, addresses, identifiers and the like, by header and by value; no value is ever told.

    An error for each such column without an action in ``protect``; ``keep`` there accepts it by name. Measures:
    ``personal_columns``, ``unprotected_columns``, ``protected_columns``, ``accepted_columns``, ``sampled_rows``.
    ``seed`` draws the sample of a long table.
    """

    id: ClassVar[str] = "data.personal"
    version: ClassVar[str] = "1"
    stage: ClassVar[Stage] = Stage.DATA
    threats: ClassVar[tuple[str, ...]] = (
        "stride:information-disclosure",
        "owasp-ml:ML03",
        "owasp-ml:ML04",
        "atlas:AML.T0024.000",
        "atlas:AML.T0024.001",
    )

    seed: int = 0

    def examine(self, artifact: DataSet, /) -> Examination:
        """Search every column but the label."""
        columns = tuple(c for c in discover(artifact.table, self.seed) if c.column != artifact.label)
        actions = [artifact.protect.get(c.column) for c in columns]
        findings = tuple(_finding(c, action) for c, action in zip(columns, actions, strict=True))
        measures = {
            "personal_columns": float(len(columns)),
            "unprotected_columns": float(actions.count(None)),
            "protected_columns": float(sum(action not in (None, KEEP) for action in actions)),
            "accepted_columns": float(actions.count(KEEP)),
            "sampled_rows": float(min(artifact.table.num_rows, SAMPLE_ROWS)),
        }
        return Examination.judged(findings, measures)


def unprotected(column: PersonalColumn) -> Finding:
    """Error for a column that holds personal data and has no action."""
    return Finding(
        "personal.unprotected",
        Severity.ERROR,
        _told(column),
        where=f"column {column.column!r}",
        hint=f"add to data.protect: {yaml_text(column.column)}: {column.suggestion}  (or keep, to accept it)",
    )


def _finding(column: PersonalColumn, action: str | None) -> Finding:
    if action is None:
        return unprotected(column)
    if action == KEEP:
        told = f"{_told(column)}; accepted by name"
        return Finding("personal.accepted", Severity.NOTE, told, where=f"column {column.column!r}")
    told = f"{_told(column)}; protected by {action}"
    return Finding("personal.protected", Severity.NOTE, told, where=f"column {column.column!r}")


def _told(column: PersonalColumn) -> str:
    kinds = ", ".join(column.kinds)
    share = "under 0.1%" if column.share < 0.001 else f"{column.share:.1%}"
    return f"{kinds} in {share} of the cells (confidence {column.confidence:.2f})"
