"""``secmlops data``: what is done with data before anything learns from them; one file for each verb."""

import click

from secmlops.cli import (
    data_destroy,
    data_discover,
    data_grant,
    data_lineage,
    data_read,
    data_retention,
    data_revoke,
    data_who,
)


@click.group("data")
def command() -> None:
    """Find and protect personal data."""


command.add_command(data_discover.command)
command.add_command(data_grant.command)
command.add_command(data_revoke.command)
command.add_command(data_who.command)
command.add_command(data_read.command)
command.add_command(data_destroy.command)
command.add_command(data_lineage.command)
command.add_command(data_retention.command)
