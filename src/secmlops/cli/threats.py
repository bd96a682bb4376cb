"""``secmlops threats``: which threats are answered by valid evidence, which only by configuration, which not at all."""

from collections import Counter
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from secmlops.cli.answer import Answer
from secmlops.cli.screen import table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.json import Json
from secmlops.design.coverage import State
from secmlops.design.threat_model import ThreatModel
from secmlops.workspace import Workspace

_LOOKS = {
    State.EVIDENCE: ("✓ evidence", "green"),
    State.CONFIGURATION: ("~ configured", "yellow"),
    State.NONE: ("✗ open", "bold red"),
}


@click.command("threats")
@folder_option
@answering
def command(folder: Path) -> Answer:
    """Show the project's threats: answered by valid evidence, only by configuration, or not at all."""
    model = Workspace(folder).threat_model()
    told: list[Json] = [
        {
            "id": t.threat.id,
            "title": t.threat.title,
            "state": str(t.covered.state),
            "controls": list(t.covered.controls),
            "passed": list(t.covered.passed),
            "reason": t.reason,
        }
        for t in model.threats
    ]
    return Answer({"project": model.project.name, "threats": told}, lambda screen: _show(screen, model))


def _show(screen: Console, model: ThreatModel) -> None:
    rows = table("threat", "what", "answered by", "controls")
    rows.columns[0].no_wrap = True  # an id is for copying
    order = list(State)
    for t in sorted(model.threats, key=lambda t: (order.index(t.covered.state), t.threat.id)):
        rows.add_row(t.threat.id, t.threat.title, Text(*_LOOKS[t.covered.state]), ", ".join(t.covered.controls))
    screen.print(rows)
    count = Counter(t.covered.state for t in model.threats)
    screen.print(
        f"{len(model.threats)} threats: {count[State.EVIDENCE]} answered by evidence, "
        f"{count[State.CONFIGURATION]} by configuration only, {count[State.NONE]} open"
    )
