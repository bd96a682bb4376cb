"""``secmlops subject``: the rights of the person whom data are about; one file for each verb."""

import click

from secmlops.cli.subject import erase, export, find


@click.group("subject")
def command() -> None:
    """Find, export or erase what is held on a person."""


command.add_command(find.command)
command.add_command(export.command)
command.add_command(erase.command)
