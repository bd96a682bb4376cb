"""``secmlops subject find``: what is held on a person, by digest and count, never a value of theirs."""

from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer
from secmlops.cli.screen import good, table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.counting import counted
from secmlops.core.json import Json
from secmlops.data_subject.asking import may_find
from secmlops.data_subject.holding import HeldRows, Holding
from secmlops.workspace import Workspace

LOGS = "the logs name no person: they hold keyed commitments to whom a request was about, salted ones to what was asked"
asking_option = click.option(
    "--as", "user", metavar="USER", help="Who asks, with whose rights; needed as soon as the project has users."
)


@click.command("find")
@click.argument("person")
@asking_option
@folder_option
@answering
def command(person: str, user: str | None, folder: Path) -> Answer:
    """Show what is held on PERSON, who is named as in the column data.subject_id.

    Tables, what was made of them, models that learnt from them, releases and records: by digest and count.
    """
    workspace = Workspace(folder)
    holding = may_find(workspace, user, person).look_up(workspace, person)
    return Answer(holding_data(holding), lambda screen: show_holding(screen, holding))


def holding_data(holding: Holding) -> dict[str, Json]:
    """Return what the JSON output tells."""
    return {
        "person": str(holding.person),
        "nothing_held": holding.nothing,
        "tables": [_rows(held) for held in holding.sources],
        "protected": [_rows(held) for held in holding.protected],
        "derived": [str(digest) for digest in holding.derived],
        "models": [
            {"digest": str(held.past.model), "learnt_rows": held.learnt, "source": str(held.past.source)}
            for held in holding.models
        ],
        "releases": list(holding.releases),
        "consent_withdrawn": holding.withdrawn,
        "records": list(holding.records),
        "elsewhere": holding.elsewhere,
        "unread": list(holding.unread),
    }


def show_holding(screen: Console, holding: Holding) -> None:
    """Draw what is held for a person who asks."""
    screen.print(f"the person is named in all records by {holding.person}", soft_wrap=True)
    for unread in holding.unread:
        screen.print(f"could not be searched: {unread}")
    if holding.nothing:
        screen.print("nothing held in what could be searched" if holding.unread else good("nothing held"))
        return
    if holding.elsewhere:
        screen.print(f"in the source, which is not written to from here: {counted(holding.elsewhere, 'row')}")
    rows = table("where", "name", "digest", "rows")
    for held in (*holding.sources, *holding.protected):
        rows.add_row(held.place, held.name, held.digest.short, str(held.rows))
    screen.print(rows)
    screen.print(f"made of these tables and still there: {counted(len(holding.derived), 'object')}")
    for model in holding.models:
        untold = "it cannot be told how many rows it learnt from"
        learnt = untold if model.learnt is None else f"learnt {counted(model.learnt, 'row')}"
        screen.print(f"model {model.past.model.short}: {learnt}")
    if holding.releases:
        screen.print(f"releases: {', '.join(holding.releases)}")
    if holding.withdrawn:
        screen.print("listed among those who withdrew their consent")
    screen.print(LOGS, style="dim")


def _rows(held: HeldRows) -> dict[str, Json]:
    return {"place": held.place, "name": held.name, "digest": str(held.digest), "rows": held.rows}
