"""``secmlops subject``: the rights of the person whom data are about; one file for each verb."""

import click

from secmlops.cli import subject_erase, subject_export, subject_find


@click.group("subject")
def command() -> None:
    """Find, export or erase what is held on a person."""


command.add_command(subject_find.command)
command.add_command(subject_export.command)
command.add_command(subject_erase.command)
