"""``secmlops threats``: which threats are answered by valid evidence, which in part or on paper only, which not."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

import click
from rich.console import Console
from rich.text import Text

from secmlops.cli.answer import Answer
from secmlops.cli.screen import Rows, table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.json import Json
from secmlops.design.coverage import State
from secmlops.design.threat_model import Applicable
from secmlops.pipeline import threats_of
from secmlops.workspace import Workspace

LOOKS: Mapping[State, tuple[str, str]] = MappingProxyType(
    {
        State.EVIDENCE: ("✓ answered by evidence", "bold green"),
        State.PARTLY: ("~ answered in part: what passed makes them smaller, and no more", "bold yellow"),
        State.CONFIGURATION: (
            "~ answered by configuration only: no valid evidence that a control passed",
            "bold yellow",
        ),
        State.NONE: ("✗ open: no configured control answers them", "bold red"),
    }
)
WIDTHS = (31, 34, 31)
"""The longest id behind its indentation, the longest title, and what is left of a hundred columns."""


EPILOG = """\b
For example:
  secmlops threats -C loans --open
"""


@click.command("threats", epilog=EPILOG)
@click.option("--open", "open_only", is_flag=True, help="Show only the threats that no configured control answers.")
@folder_option
@answering
def command(open_only: bool, folder: Path) -> Answer:
    """Show the project's threats: answered by valid evidence, in part, only by configuration, or not at all.

    The counts at the top (with --json: "counts") are of all threats, whatever is shown.
    """
    model = threats_of(Workspace(folder))
    shown = [t for t in model.threats if t.covered.state is State.NONE or not open_only]
    count = Counter(t.covered.state for t in model.threats)
    data: dict[str, Json] = {
        "project": model.project.name,
        "counts": {str(state): count[state] for state in State},
        "threats": [_told(t) for t in shown],
    }
    return Answer(data, lambda screen: _show(screen, count, shown))


def _told(applicable: Applicable) -> Json:
    threat, covered = applicable.threat, applicable.covered
    return {
        "id": threat.id,
        "title": threat.title,
        "framework": threat.framework,
        "stages": [str(stage) for stage in threat.stages],
        "state": str(covered.state),
        "controls": list(covered.controls),
        "passed": list(covered.passed),
        "reason": applicable.reason,
    }


def _show(screen: Console, count: Mapping[State, int], threats: Sequence[Applicable]) -> None:
    screen.print(
        f"{sum(count.values())} threats: {count[State.EVIDENCE]} answered by evidence, "
        f"{count[State.PARTLY]} in part, {count[State.CONFIGURATION]} by configuration only, {count[State.NONE]} open"
    )
    for state in State:
        ours = [t for t in threats if t.covered.state is state]
        if ours:
            words, style = LOOKS[state]
            screen.print(Text(f"\n{words} ({len(ours)})", style))
        for framework, group in groupby(ours, key=lambda t: t.threat.framework):
            members = sorted(group, key=lambda t: t.threat.id)
            screen.print(Text(f"\n {framework} ({len(members)})", "bold"))
            screen.print(_rows(members))


def _rows(threats: Sequence[Applicable]) -> Rows:
    """Each threat with the controls that answer it, or else the stages it acts in.

    Ids and titles keep their line, so that they can be copied.
    """
    rows = table("threat", "what", "controls or stages")
    rows.show_header, rows.box = False, None
    for column, width in zip(rows.columns, WIDTHS, strict=True):
        column.width = width
    for t in threats:
        rest = ", ".join(t.covered.controls or (f"in {', '.join(t.threat.stages)}",))
        rows.add_row(f"  {t.threat.id}", t.threat.title, Text(rest, style="" if t.covered.controls else "dim"))
    return rows
