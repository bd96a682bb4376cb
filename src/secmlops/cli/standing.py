"""How the standing of a project is told: by ``status`` and by ``run --dry-run``."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from secmlops.cli.screen import bad, good, table
from secmlops.cli.tables import headline, obstacle
from secmlops.core.json import Json
from secmlops.lifecycle.survey import StageStanding, Standing

_STYLES = {
    Standing.HOLDS: ("✓", "green"),
    Standing.FAILED: ("✗", "bold red"),
    Standing.TO_RUN: ("→", "yellow"),
    Standing.WAITING: ("·", "dim"),
}


def standings_data(standings: Sequence[StageStanding]) -> dict[str, Json]:
    """Return the standing as the JSON output tells it."""
    return {
        "stages": [
            {
                "stage": str(s.stage),
                "gate": "open" if s.verdict.open else "shut",
                "obstacles": [obstacle(r) for r in s.verdict.obstacles],
                "controls": [{"control": c.control, "standing": str(c.standing), "why": c.why} for c in s.controls],
            }
            for s in standings
        ]
    }


def show_standings(screen: Console, standings: Sequence[StageStanding]) -> None:
    """Draw the standing."""
    rows = table("stage", "control", "standing", "why")
    for stage in standings:
        for control in stage.controls:
            mark, style = _STYLES[control.standing]
            why = headline(control.evidence) if control.standing is Standing.HOLDS and control.evidence else control.why
            rows.add_row(str(stage.stage), control.control, Text(f"{mark} {control.standing}", style), why)
    screen.print(rows)
    shut = next((s for s in standings if not s.verdict.open), None)
    if shut is None:
        screen.print(good("all gates are open"))
        return
    screen.print(bad(f"the gate of stage {shut.stage} is shut:"))
    for reason in shut.verdict.obstacles:
        screen.print(f"  {obstacle(reason)}")
