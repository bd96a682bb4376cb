"""``secmlops subject export``: a copy of what is held on a person, as JSON."""

from pathlib import Path

import click

from secmlops.cli.answer import Answer, say
from secmlops.cli.subject.find import asking_option, holding_data, show_holding
from secmlops.cli.verb import answering, folder_option
from secmlops.core.counting import counted
from secmlops.core.json import Json
from secmlops.data_subject.asking import may_export
from secmlops.data_subject.export import export_person, write_export
from secmlops.workspace import Workspace


@click.command("export")
@click.argument("person")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The new file to write.")
@asking_option
@folder_option
@answering
def command(person: str, out: Path, user: str | None, folder: Path) -> Answer:
    """Write a copy of what is held on PERSON to a JSON file that only you may read.

    It holds the person's own rows, as they were delivered, and digests of what was made of them. That it was given out
    is on record.
    """
    workspace = Workspace(folder)
    asker = may_export(workspace, user, person)
    holding = asker.look_up(workspace, person)
    if holding.nothing:
        return Answer({**holding_data(holding), "file": None}, lambda screen: show_holding(screen, holding))
    told = export_person(workspace, holding)
    entry = asker.give_out(workspace, holding)
    write_export(out, told)
    for unread in holding.unread:
        say("warning", f"not in the copy, since it could not be searched: {unread}")
    rows = sum(held.rows for held in holding.sources) + holding.elsewhere
    tables = len(holding.sources) + bool(holding.elsewhere)
    data: dict[str, Json] = {"person": str(holding.person), "nothing_held": False, "file": str(out), "entry": entry}
    shown = f"{counted(rows, 'row')} of {counted(tables, 'table')} written to {out}, on record in entry {entry}"
    return Answer({**data, "rows": rows}, lambda screen: screen.print(shown, soft_wrap=True))
