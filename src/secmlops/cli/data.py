"""``secmlops data``: what is done with data before anything learns from them; one file for each verb."""

import click

from secmlops.cli import data_discover


@click.group("data")
def command() -> None:
    """Find and protect personal data."""


command.add_command(data_discover.command)
