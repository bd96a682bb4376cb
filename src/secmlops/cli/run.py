"""``secmlops run``: take the project through its stages, up to a signed release."""

from collections.abc import Collection, Sequence
from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer, ExitCode, say
from secmlops.cli.program import program
from secmlops.cli.progress import RunProgress
from secmlops.cli.screen import bad, good, table
from secmlops.cli.standing import show_standings, standings_data
from secmlops.cli.tables import headline, obstacle, outcome
from secmlops.cli.verb import answering, folder_option
from secmlops.core.counting import counted
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.finding import Severity
from secmlops.core.json import Json
from secmlops.core.stage import Stage
from secmlops.data_subject.erasure import finish_erasures
from secmlops.lifecycle.publish import Published
from secmlops.lifecycle.run import STAGES, StageResult
from secmlops.pipeline import run_pipeline, survey_of
from secmlops.workspace import Workspace

EPILOG = """\b
For example:
  secmlops run -C loans
  secmlops run -C loans --until data --new-profile
"""


@click.command("run", epilog=EPILOG)
@folder_option
@click.option(
    "--until",
    type=click.Choice([s.value for s in STAGES]),
    default="release",
    show_default=True,
    help="The last stage to run.",
)
@click.option("--dry-run", is_flag=True, help="Say what would run, and why; change nothing.")
@click.option("--new-profile", is_flag=True, help="Accept data that differ from those before: profile them afresh.")
@answering
def command(folder: Path, until: str, dry_run: bool, new_profile: bool) -> Answer:
    """Take the project through its stages, gate by gate, up to a signed release.

    What has not changed is not done again. A run may be stopped at any moment and started again. An erasure that was
    begun and interrupted is finished first.
    """
    workspace = Workspace(folder)
    if dry_run:
        standings = survey_of(workspace)
        return Answer(standings_data(standings), lambda screen: show_standings(screen, standings))
    with RunProgress() as progress:
        for erased in finish_erasures(workspace, progress):
            told = "is finished" if erased.done else "is not finished: secmlops subject erase --finish says why"
            say("note", f"an erasure that had been begun, by entry {erased.intent.entry}, {told}")
        results, published = run_pipeline(workspace, progress, Stage(until), afresh=new_profile)
    return run_answer(results, published, progress.reused)


def run_answer(results: Sequence[StageResult], published: Published | None, reused: Collection[str]) -> Answer:
    """Answer of a run: a line per control, the gates, and where the release lies; ``reused`` are ids of controls."""
    shut = not results[-1].verdict.open
    data: dict[str, Json] = {
        "stages": [_stage_data(result) for result in results],
        "reused": len(reused),
        "gate": "shut" if shut else "open",
        "release": published.to_json() if published else None,
    }
    return Answer(
        data, lambda screen: _show(screen, results, published, reused), ExitCode.SHUT if shut else ExitCode.FINE
    )


def evidence_data(evidence: Evidence) -> dict[str, Json]:
    """Return evidence as the JSON output tells it."""
    return {
        "control": evidence.control.id,
        "outcome": str(evidence.outcome),
        "subject": str(evidence.subject.digest),
        "measures": dict(evidence.measures),
        "findings": [
            {"rule": f.rule, "severity": str(f.severity), "message": f.message, "where": f.where, "hint": f.hint}
            for f in evidence.findings
        ],
        "seconds": evidence.price.wall_s,
    }


def _stage_data(result: StageResult) -> dict[str, Json]:
    return {
        "stage": str(result.stage),
        "gate": "open" if result.verdict.open else "shut",
        "obstacles": [obstacle(r) for r in result.verdict.obstacles],
        "controls": [evidence_data(e) for e in result.evidence],
    }


def _show(
    screen: Console, results: Sequence[StageResult], published: Published | None, reused: Collection[str]
) -> None:
    rows = table("stage", "control", "outcome", "what counted")
    for result in results:
        for evidence in result.evidence:
            rows.add_row(str(result.stage), evidence.control.id, outcome(evidence.outcome), headline(evidence))
    screen.print(rows)
    _show_seconds(screen, results, reused)
    _show_findings(screen, results)
    last = results[-1]
    if not last.verdict.open:
        screen.print(bad(f"the gate of stage {last.stage} is shut"))
        for reason in last.verdict.obstacles:
            screen.print(f"  {obstacle(reason)}")
        screen.print("secmlops status shows where everything stands.", style="dim")
        return
    screen.print(good(f"all gates up to {last.stage} are open ({_reuse(results, reused)})"))
    if published:
        screen.print(f"  release  {published.folder}", soft_wrap=True)
        if published.same_as:
            told = f"the same model as {published.same_as}, published anew: the gate judged it again since"
            screen.print(f"  note     {told}", style="dim", soft_wrap=True)
        project = published.folder.parent.parent
        screen.print(f"  next     {program()} serve -C {project}", soft_wrap=True)
        screen.print(f"           {program()} verify {published.folder}", soft_wrap=True)


def _reuse(results: Sequence[StageResult], reused: Collection[str]) -> str:
    total = sum(len(result.evidence) for result in results)
    share = "nothing changed: all of" if len(reused) == total else f"{len(reused)} of"
    return f"{share} {counted(total, 'control')} reused"


def _show_seconds(screen: Console, results: Sequence[StageResult], reused: Collection[str]) -> None:
    """Tell what this run took, by stage; what was reused took nothing."""
    spent = {r.stage: [e.price.wall_s for e in r.evidence if e.control.id not in reused] for r in results}
    told = [f"{stage} {sum(seconds):.1f}" for stage, seconds in spent.items() if seconds]
    if told:
        screen.print(f"seconds by stage: {', '.join(told)}", style="dim")


def _show_findings(screen: Console, results: Sequence[StageResult]) -> None:
    for evidence in (e for r in results for e in r.evidence if e.outcome is not Outcome.PASSED):
        for finding in (f for f in evidence.findings if f.severity is not Severity.NOTE):
            place = f" [{finding.where}]" if finding.where else ""
            screen.print(f"  {evidence.control.id}: {finding.message}{place}")
            if finding.hint:
                screen.print(f"    what to do: {finding.hint}", style="dim")
