"""Writes what was found in tables as a proposal for ``data.protect``, commented, for a person to edit."""

from collections.abc import Sequence

from secmlops.core.counting import counted
from secmlops.data.discovery.columns import PersonalColumn
from secmlops.data.discovery.survey import TableSurvey
from secmlops.data.recognise.law import short
from secmlops.data.yaml_text import yaml_text


def proposed_protection(tables: Sequence[TableSurvey]) -> str:
    """YAML with one section ``data.protect`` for each table, a document of its own where there are several.

    No value of a table is in it.
    """
    return "---\n".join(_document(table) for table in tables)


def _document(table: TableSurvey) -> str:
    size = f"{counted(table.rows, 'row')}, {counted(len(table.columns), 'column')} with personal data"
    lines = [
        f"# Proposed for {_comment(table.name)}: {size}.",
        "# Every line is a guess: read it, change what you know better, and move it into your secmlops.yaml.",
        "data:",
    ]
    if not table.columns:
        return "\n".join([*lines, "  protect: {}  # none was found; the search can miss some", ""])
    lines.append("  protect:  # drop, redact, mask, pseudonymise, generalise, or keep to accept a column as it is")
    return "\n".join([*lines, *(f"    {_line(column)}" for column in table.columns), ""])


def _line(column: PersonalColumn) -> str:
    found = f"{', '.join(column.kinds)} in {column.share:.1%} of the cells, confidence {column.confidence:.2f}"
    return f"{yaml_text(column.column)}: {column.suggestion}  # {found}; {short(column.kinds[0])}"


def _comment(text: str) -> str:
    return text if text.isprintable() else yaml_text(text)
