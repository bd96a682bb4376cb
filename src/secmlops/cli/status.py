"""``secmlops status``: where each subject stands, which gate is shut and exactly why."""

from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer
from secmlops.cli.standing import show_standings, standings_data
from secmlops.cli.verb import answering, folder_option
from secmlops.workspace import Workspace


@click.command("status")
@folder_option
@answering
def command(folder: Path) -> Answer:
    """Show where each subject stands, which gate is shut, and why. Runs nothing, changes nothing."""
    workspace = Workspace(folder)
    standings = workspace.survey()
    releases = workspace.release_names()

    def show(screen: Console) -> None:
        show_standings(screen, standings)
        screen.print(f"releases: {', '.join(releases) if releases else 'none yet'}")

    return Answer({**standings_data(standings), "releases": list(releases)}, show)
