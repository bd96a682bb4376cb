"""``secmlops access``: who has access, and to what. Every change is a signed entry in the ledger."""

import click

from secmlops.cli.access import certificates, keys, roles, tokens, users


@click.group("access")
def command() -> None:
    """Say who has access: users, roles, API keys, tokens and certificates. Every change is an entry in the ledger."""


command.add_command(users.command)
command.add_command(roles.command)
command.add_command(keys.command)
command.add_command(tokens.command)
command.add_command(certificates.command)
command.add_command(keys.grant_anyone)
command.add_command(keys.withdraw)
command.add_command(keys.list_keys)
