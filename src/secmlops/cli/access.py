"""``secmlops access``: who has access, and to what. Every change is a signed entry in the ledger."""

import click

from secmlops.cli import access_certificates, access_keys, access_roles, access_tokens, access_users


@click.group("access")
def command() -> None:
    """Say who has access: users, roles, API keys, tokens and certificates. Every change is an entry in the ledger."""


command.add_command(access_users.command)
command.add_command(access_roles.command)
command.add_command(access_keys.command)
command.add_command(access_tokens.command)
command.add_command(access_certificates.command)
command.add_command(access_keys.grant_anyone)
command.add_command(access_keys.withdraw)
command.add_command(access_keys.list_keys)
