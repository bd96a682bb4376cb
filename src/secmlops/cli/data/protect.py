"""``secmlops data protect``: the project's protection carried out on one table, with its evidence and a report."""

import tempfile
from contextlib import closing
from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer, ExitCode
from secmlops.cli.progress import RunProgress
from secmlops.cli.screen import bad, good, table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.control import Examination
from secmlops.core.counting import counted
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.json import Json
from secmlops.data.anonymise.control import Anonymise
from secmlops.data.columns.export import Written, check_ending, write_table, write_table_file
from secmlops.data.protection.control import Protect
from secmlops.data.sources.location import Location, write_new
from secmlops.data.sources.url import check_object, is_url
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.protecting import (
    ColumnReport,
    HandedOut,
    ProtectedTable,
    protect_table,
    try_protection,
    turn_to,
)
from secmlops.lifecycle.protecting_in_parts import PartByPart, opened_in_parts
from secmlops.lifecycle.sources import read_source
from secmlops.pipeline import journey_of
from secmlops.report.measures import meaning_of
from secmlops.workspace import Workspace

EPILOG = """\b
For example:
  secmlops data protect -C loans --dry-run
  secmlops data protect march.csv -C loans --out march-protected.csv
"""
_TOLD = ("prosecutor_risk", "journalist_risk", "marketer_risk", "penalty", "suppressed")


@click.command("protect", epilog=EPILOG)
@click.argument("source", metavar="[TABLE]", required=False)
@click.option("--out", help="Write the protected table to this file or s3:// object, .csv or .parquet.")
@click.option("--dry-run", is_flag=True, help="Say what would come of it; store, record and write nothing.")
@folder_option
@answering
def command(source: str | None, out: str | None, dry_run: bool, folder: Path) -> Answer:
    """Protect TABLE, or the project's own source, as data.protect and data.anonymise of the project file say.

    The protected table is stored by column, what was done is signed and recorded; secmlops data read reads it. Another
    TABLE gets the same pseudonyms as the source. Nothing is handed out when personal data would be left. The table may
    be larger than memory, wherever it lies, unless it is to be anonymised.
    """
    if out is not None:
        check_ending(Path(out))
        if is_url(out):
            check_object(out)
        if dry_run:
            raise click.UsageError("--dry-run writes nothing: leave --out away")
    workspace = Workspace(folder)
    with workspace.locked(), RunProgress() as progress:
        journey = journey_of(workspace, progress)
        try:
            made = _protected(workspace, journey, source, dry_run)
        finally:
            if not dry_run:
                workspace.remember()
        written = _write(made.table, out) if out is not None and made.table is not None else None
    code = ExitCode.FINE if made.table is not None else ExitCode.SHUT
    return Answer(_data(made, written, out), lambda screen: _show(screen, made, written, out), code)


def _protected(workspace: Workspace, journey: Journey, source: str | None, dry_run: bool) -> ProtectedTable:
    """Protect a table: in parts, where memory should not hold it."""
    data = workspace.project.data
    location = Location(data.source, workspace.folder, data.query) if source is None else Location(source, Path())
    opened = opened_in_parts(journey, location)
    if opened is not None:
        with closing(opened):
            name = data.source if source is None else _name(source)
            parts = PartByPart(journey, location, opened, name, workspace.vault_folder)
            return parts.attempt() if dry_run else parts.protect()
    if source is not None:
        turn_to(journey, _name(source), read_source(Path(), source, "the folder you are in"))
    return try_protection(journey) if dry_run else protect_table(journey)


def _name(source: str) -> str:
    return source if is_url(source) else Path(source).name


def _write(made: HandedOut, out: str) -> Written:
    """Write the file, or the object where there is none yet."""
    if not is_url(out):
        return write_table_file(made.parts(), Path(out))
    with tempfile.TemporaryFile() as data:
        written = write_table(made.parts(), Path(out).suffix, data)
        data.seek(0)
        write_new(out, data)
    return written


def _data(made: ProtectedTable, written: Written | None, out: str | None) -> dict[str, Json]:
    return {
        "protected": made.table is not None,
        "controls": [_control(control, one) for control, one in made.said.items()],
        "columns": [_column(column) for column in made.columns],
        "rows": made.table.rows if made.table is not None else None,
        "guarded_cells": written.guarded if written else None,
        "file": str(out) if written else None,
    }


def _column(column: ColumnReport) -> dict[str, Json]:
    return {"column": column.column, "action": column.action, "before": column.before, "after": column.after}


def _control(control: str, one: Evidence | Examination) -> Json:
    findings: list[Json] = [
        {"rule": f.rule, "severity": str(f.severity), "message": f.message, "where": f.where, "hint": f.hint}
        for f in one.findings
    ]
    return {
        "control": control,
        "outcome": str(one.outcome),
        "measures": dict(one.measures),
        "findings": findings,
    }


def _show(screen: Console, made: ProtectedTable, written: Written | None, out: str | None) -> None:
    rows = table("column", "action", "values before", "after")
    for column in made.columns:
        after = "" if made.table is None else _counted(column.after) if column.left else "gone"
        rows.add_row(column.column, column.action or "none", _counted(column.before), after)
    screen.print(rows)
    for control, one in made.said.items():
        for finding in one.findings:
            told = control in (Protect.id, Anonymise.id) and made.table is not None
            if told or (one.outcome is not Outcome.PASSED and finding.severity is not Severity.NOTE):
                _show_finding(screen, control, finding)
    measures = made.said[Anonymise.id].measures if Anonymise.id in made.said else {}
    if measures.get("classes"):
        screen.print(f"every row has at least {measures['k'] - 1:,.0f} others like it, by its quasi-identifiers")
        for name in _TOLD:
            meaning = meaning_of(name)
            screen.print(f"  {meaning.label}: {meaning.write(measures[name])}")
    if made.table is None:
        screen.print(bad("nothing was handed out"))
        return
    size = f"{counted(made.table.rows, 'row')} of {counted(len(made.table.columns), 'column')}"
    screen.print(good(f"protected: {size}"))
    if written is not None:
        guarded = f"; {counted(written.guarded, 'cell')} guarded against formulas" if written.guarded else ""
        screen.print(f"  written to {out}{guarded}", soft_wrap=True)


def _counted(values: int | None) -> str:
    return "not counted" if values is None else f"{values:,}"


def _show_finding(screen: Console, control: str, finding: Finding) -> None:
    place = f" [{finding.where}]" if finding.where else ""
    screen.print(f"  {control}: {finding.message}{place}", soft_wrap=True)
    if finding.hint and finding.severity is not Severity.NOTE:
        screen.print(f"    what to do: {finding.hint}", style="dim", soft_wrap=True)
