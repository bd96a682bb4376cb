"""``secmlops data reveal``: the values behind pseudonyms, for whoever has the role; each reversal on record."""

from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer
from secmlops.cli.data.rights import named
from secmlops.cli.screen import table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.json import Json
from secmlops.core.visible import visible
from secmlops.datasets import pseudonyms_of, reveal_desk_of


@click.command("reveal")
@click.argument("name")
@click.argument("pseudonyms", nargs=-1, required=True, metavar="PSEUDONYM...")
@click.option("--column", required=True, help="The column that they stand in.")
@click.option("--as", "user", required=True, metavar="USER", help="Whose role counts, and whose name is on record.")
@folder_option
@answering
def command(name: str, pseudonyms: tuple[str, ...], column: str, user: str, folder: Path) -> Answer:
    """Reverse pseudonyms of the data set NAME: say which values they stand for.

    The column must be pseudonymised reversibly, and a role of USER must allow it: revealer does. Who asked, for which
    column and how many, is in the ledger before a value is shown; the values are not.
    """
    workspace, dataset = named(folder, name)
    values = reveal_desk_of(workspace).reveal(pseudonyms_of(workspace, dataset, column), pseudonyms, user)

    def show(screen: Console) -> None:
        rows = table("pseudonym", "value")
        for pseudonym, value in zip(pseudonyms, values, strict=True):
            rows.add_row(visible(pseudonym), visible(value))
        screen.print(rows)

    data: dict[str, Json] = {"dataset": dataset.name, "column": column, "user": user, "values": list(values)}
    return Answer(data, show)
