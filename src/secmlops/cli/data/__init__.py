"""``secmlops data``: what is done with data before anything learns from them; one file for each verb."""

import click

from secmlops.cli.data import (
    budget,
    destroy,
    discover,
    grant,
    lineage,
    protect,
    read,
    release_dp,
    retention,
    reveal,
    revoke,
    who,
)


@click.group("data")
def command() -> None:
    """Find and protect personal data."""


command.add_command(discover.command)
command.add_command(protect.command)
command.add_command(grant.command)
command.add_command(revoke.command)
command.add_command(who.command)
command.add_command(read.command)
command.add_command(reveal.command)
command.add_command(destroy.command)
command.add_command(lineage.command)
command.add_command(retention.command)
command.add_command(budget.command)
command.add_command(release_dp.command)
