"""``secmlops data revoke``: take a right on columns of a data set away; a reading under way stops."""

from pathlib import Path

import click

from secmlops.access.data_rights import Right
from secmlops.cli.answer import Answer
from secmlops.cli.data.rights import answer_of, columns_of, holder_of, named, right_options
from secmlops.cli.verb import answering, folder_option
from secmlops.datasets import data_administration_of


@click.command("revoke")
@click.argument("name")
@right_options
@folder_option
@answering
def command(name: str, user: str | None, role: str | None, columns: str | None, right: str, folder: Path) -> Answer:
    """Take a right on the data set NAME away. What a role allows by itself ends with the role."""
    holder, taken = holder_of(user, role), columns_of(columns)
    workspace, dataset = named(folder, name)
    return answer_of(data_administration_of(workspace).revoke(dataset.name, holder, Right(right), taken))
