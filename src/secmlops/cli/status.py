"""``secmlops status``: where each subject stands, which gate is shut and exactly why."""

from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer
from secmlops.cli.screen import bad
from secmlops.cli.standing import show_standings, standings_data
from secmlops.cli.verb import answering, folder_option
from secmlops.core.counting import counted
from secmlops.core.errors import SecmlopsError
from secmlops.core.json import Json
from secmlops.data_subject.record import pending_intents
from secmlops.lifecycle.releases import obstacle_to, publications
from secmlops.pipeline import survey_of
from secmlops.workspace import Workspace


@click.command("status")
@folder_option
@answering
def command(folder: Path) -> Answer:
    """Show where each subject stands, which gate is shut, and why; and whether the releases may be used.

    Runs nothing, changes nothing.
    """
    workspace = Workspace(folder)
    standings = survey_of(workspace)
    releases = workspace.release_names()
    damage = _damage(workspace) if releases else ""
    barred = _barred(workspace) if releases else {}
    begun: list[Json] = [intent.entry for intent in pending_intents(workspace.book.all())]

    def show(screen: Console) -> None:
        show_standings(screen, standings)
        screen.print(f"releases: {', '.join(releases) if releases else 'none yet'}")
        for name, why in barred.items():
            screen.print(bad(f"{name} must not be used: {why}"))
        if begun:
            told = f"{counted(len(begun), 'erasure')} begun and not finished: secmlops subject erase --finish"
            screen.print(bad(told), soft_wrap=True)
        if damage:
            screen.print(bad(f"the latest release, {releases[-1]}, does not hold: {damage}"))

    data: dict[str, Json] = {"releases": list(releases), "barred": barred, "damage": damage, "erasures": begun}
    return Answer({**standings_data(standings), **data}, show)


def _barred(workspace: Workspace) -> dict[str, Json]:
    """The releases that must not be used any more, by folder name, each with the reason."""
    told = {
        one.folder: obstacle_to(workspace.book, one.envelope, one.model)
        for one in publications(workspace.book, workspace.project.name)
    }
    return {name: why for name, why in told.items() if why}


def _damage(workspace: Workspace) -> str:
    """What is wrong with the files of the latest release; empty when they are those that were published."""
    try:
        workspace.release()
    except SecmlopsError as error:
        return str(error)
    return ""
