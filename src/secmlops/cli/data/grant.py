"""``secmlops data grant``: give a user or a role the right to view or modify columns of a data set."""

from pathlib import Path

import click

from secmlops.access.data_rights import ALL, Right
from secmlops.cli.answer import Answer
from secmlops.cli.data.rights import answer_of, columns_of, holder_of, named, right_options
from secmlops.cli.verb import answering, folder_option
from secmlops.core.errors import InputError
from secmlops.datasets import column_store_of, data_administration_of


@click.command("grant")
@click.argument("name")
@right_options
@folder_option
@answering
def command(name: str, user: str | None, role: str | None, columns: str | None, right: str, folder: Path) -> Answer:
    """Give a right on the data set NAME. It holds for later versions of the data set, too."""
    holder, wanted = holder_of(user, role), columns_of(columns)
    workspace, dataset = named(folder, name)
    there = column_store_of(workspace).columns(dataset.digest)
    unknown = [column for column in wanted if column not in (*there, ALL)]
    if unknown:
        hint = f"there is: {', '.join(list(there)[:20])}"
        raise InputError(f"there is no column {unknown[0]!r}", where=dataset.name, hint=hint)
    return answer_of(data_administration_of(workspace).grant(dataset.name, holder, Right(right), wanted))
