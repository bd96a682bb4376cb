"""``secmlops data destroy``: destroy the key of one column, and with it the column, in every copy and for good."""

from pathlib import Path

import click

from secmlops.cli.answer import Answer
from secmlops.cli.data.rights import named
from secmlops.cli.verb import answering, folder_option
from secmlops.core.json import Json
from secmlops.datasets import guarded_columns_of, pseudonyms_of, reveal_desk_of


@click.command("destroy")
@click.argument("name")
@click.argument("column")
@click.option("--as", "user", required=True, metavar="USER", help="Whose right counts, and whose name is on record.")
@click.option("--reversal", is_flag=True, help="Only the key that reverses its pseudonyms: the column stays.")
@folder_option
@answering
def command(name: str, column: str, user: str, reversal: bool, folder: Path) -> Answer:
    """Destroy COLUMN of the data set NAME: its key, so that no copy of it can be read again, and its file.

    The other columns stay. The table that it was made from is another one: as long as it is there, a run makes the
    column anew.
    """
    workspace, dataset = named(folder, name)
    if reversal:
        reveal_desk_of(workspace).destroy(pseudonyms_of(workspace, dataset, column), user)
    else:
        guarded_columns_of(workspace).destroy(dataset, user, column)
    data: dict[str, Json] = {
        "dataset": dataset.name,
        "digest": str(dataset.digest),
        "destroyed": column,
        "reversal": reversal,
        "user": user,
    }
    what = f"the key that reverses {column}" if reversal else column
    return Answer(data, lambda screen: screen.print(f"destroyed: {what} of {dataset.name} ({dataset.digest.short})"))
