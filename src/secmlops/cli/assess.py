"""``secmlops assess``: attack a model, of a release or made elsewhere, and say what an attacker could do."""

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from secmlops.assessment.assess import Assessment, Result, assess, runner_in
from secmlops.assessment.foreign import Assessed, Tables, read_foreign
from secmlops.assessment.page import page_of
from secmlops.assessment.released import read_release
from secmlops.cli.answer import Answer, ExitCode, say
from secmlops.cli.progress import RunProgress
from secmlops.cli.report import write_page
from secmlops.cli.screen import table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.lifecycle.runner import Runner
from secmlops.project.units import parse_duration
from secmlops.report.assessment import AssessedLine, in_all, render_assessment
from secmlops.trust.moment import write_moment
from secmlops.workspace import STATE, Workspace, own_keys, system_clock

EPILOG = """\b
For example:
  secmlops assess -C loans
  secmlops assess model.onnx --data rows.csv --label default --quick
  secmlops assess --stale 7d --online
"""
REPORT = "assessment.html"
_WITHIN = timedelta(days=30)


@click.command("assess", epilog=EPILOG)
@click.argument("model", required=False)
@folder_option
@click.option("--data", type=click.Path(path_type=Path), help="Rows that the model never saw, with their answers.")
@click.option("--label", help="The column with the answers; the last one by default.")
@click.option("--train", type=click.Path(path_type=Path), help="Rows that the model learned from, with their answers.")
@click.option("--without", multiple=True, metavar="COLUMN", help="Leave out a column that the model does not take.")
@click.option("--sensitive", multiple=True, metavar="COLUMN", help="Compare the groups of this column, such as sex.")
@click.option("--quick", is_flag=True, help="The short battery: under a minute.")
@click.option("--stale", metavar="AGE", help="Run only what has no passed evidence younger than this, such as 7d.")
@click.option("--online", is_flag=True, help="Ask pip-audit for known flaws of the packages, over the network.")
@click.option("--keep", type=click.Path(path_type=Path), help="Folder of the evidence and the report.")
@answering
def command(
    model: str | None,
    folder: Path,
    data: Path | None,
    label: str | None,
    train: Path | None,
    without: tuple[str, ...],
    sensitive: tuple[str, ...],
    quick: bool,
    stale: str | None,
    online: bool,
    keep: Path | None,
) -> Answer:
    """Attack MODEL: a release of the project, the latest by default, or an ONNX file made anywhere, with --data.

    Each part of the battery leaves signed evidence in a ledger of the assessment: one that was stopped goes on where it
    was, and with --stale nothing is run while all evidence is younger. What failed is tried again. The project's own
    ledger is not touched. Ends with 1 when a gate would stay shut.
    """
    age = None if stale is None else parse_duration(stale)
    if data is not None:
        assessed = read_foreign(_file(model), Tables(data, label, train, without, sensitive, online))
        place, require, within = keep or _file(model).with_suffix(".assessment"), {}, _WITHIN
        keys = own_keys(system_clock)
    else:
        _refuse_of_tables({"--label": label, "--train": train, "--without": without, "--sensitive": sensitive})
        workspace = Workspace(folder)
        assessed = read_release(workspace, _release(model), online)
        require, within = workspace.project.release.require, parse_duration(workspace.project.release.within)
        place, keys = keep or folder / STATE / "assessment", workspace.keys
    with RunProgress() as progress:
        runner = runner_in(place, keys, system_clock, progress, age or within)
        answer, done = _answer(assessed, runner, place, (require, quick))
    if age is not None and done.open and not done.ran:
        return dataclasses.replace(answer, show=lambda screen: _nothing_to_do(screen, done, place / REPORT))
    return answer


def _refuse_of_tables(given: Mapping[str, object]) -> None:
    """Raise InputError for options of a table where there is none: a project has its own."""
    for option in (name for name, value in given.items() if value):
        hint = "a project names its rows and columns itself: data.label, data.sensitive, data.protect"
        raise InputError(f"{option} goes with --data", where="the command line", hint=hint)


def _file(model: str | None) -> Path:
    if model is None:
        raise InputError("--data needs a model", hint="secmlops assess MODEL.onnx --data rows.csv")
    return Path(model)


def _release(name: str | None) -> str | None:
    """Name of a release; raises InputError for a file, which needs rows."""
    if name is not None and Path(name).suffix == ".onnx":
        raise InputError("a model file needs rows to be tried on", where=name, hint="name a table with --data")
    return name


def _answer(
    assessed: Assessed, runner: Runner, place: Path, given: tuple[Mapping[str, str], bool]
) -> tuple[Answer, Assessment]:
    require, quick = given
    done = assess(assessed, runner, require, quick=quick, announce=lambda told: say("next", told))
    page = page_of(done, runner)
    file = place / REPORT
    write_page(file, render_assessment(page))
    data: dict[str, Json] = {
        "model": assessed.subject.name,
        "digest": str(assessed.subject.digest),
        "quick": quick,
        "notes": list(assessed.notes),
        "unknown": list(assessed.unknown),
        "ran": list(done.ran),
        "results": [_data(result) for result in done.results],
        "gate": "open" if done.open else "shut",
        "report": str(file),
    }
    return Answer(data, lambda screen: _show(screen, done, page.lines, file), _code(done)), done


def _code(done: Assessment) -> ExitCode:
    return ExitCode.FINE if done.open else ExitCode.SHUT


def _data(result: Result) -> Json:
    evidence, measure = result.evidence, result.measure
    told: dict[str, Any] = {
        "threat": result.line.threat,
        "attack": result.tried,
        "budget": result.budget,
        "control": evidence.control.id,
        "outcome": str(evidence.outcome),
        "at": write_moment(evidence.at),
        "measure": measure,
        "value": evidence.measures[measure] if measure else None,
        "low": evidence.measures.get(f"{measure}_low"),
        "high": evidence.measures.get(f"{measure}_high"),
        "answered_by": result.line.answer,
        "gate": "open" if result.gate.holds else "shut",
        "why": result.gate.why,
    }
    return told


def _nothing_to_do(screen: Console, done: Assessment, file: Path) -> None:
    """One line, as a schedule writes it into its log."""
    oldest = min(result.evidence.at for result in done.results)
    told = f"nothing to do: all evidence passed and is young enough, the oldest of {write_moment(oldest)}"
    screen.print(f"  {told}", soft_wrap=True)
    screen.print(f"  report  {file}", soft_wrap=True)


def _show(screen: Console, done: Assessment, lines: tuple[AssessedLine, ...], file: Path) -> None:
    for note in done.assessed.notes:
        screen.print(f"guessed: {note}", style="dim", soft_wrap=True)
    for lack in done.assessed.unknown:
        screen.print(f"not known: {lack}", style="dim", soft_wrap=True)
    rows = table("threat", "tried, budget", "result", "answered by", "a gate says")
    for line in lines:
        spent = f"{line.attack}; {line.budget}" if line.budget else line.attack
        mark = "✓" if line.holds else "✗"
        rows.add_row(
            line.threat, spent, ": ".join(filter(None, (line.meaning, line.value))), line.answer, f"{mark} {line.gate}"
        )
    screen.print(rows)
    screen.print(f"  {in_all(lines)}", soft_wrap=True)
    screen.print(f"  report  {file}", soft_wrap=True)
