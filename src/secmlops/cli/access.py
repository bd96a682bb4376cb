"""``secmlops access``: make, list and withdraw the gateway's API keys."""

from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console

from secmlops.access.keys import Scope
from secmlops.cli.answer import Answer
from secmlops.cli.screen import table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.project.units import parse_duration
from secmlops.workspace import Workspace

SHORTEST, LONGEST = timedelta(seconds=1), timedelta(days=3650)


@click.group("access")
def command() -> None:
    """Make, list and withdraw the gateway's API keys. Every change is an entry in the ledger."""


@command.command("grant")
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice([s.value for s in Scope]), default=("predict", "read")
)
@click.option("--expires", help="How long it is valid, for example 90 d; without it, until it is withdrawn.")
@folder_option
@answering
def grant(name: str, scopes: tuple[str, ...], expires: str | None, folder: Path) -> Answer:
    """Make an API key for NAME and show it, this once."""
    lifetime = None if expires is None else parse_duration(expires)
    if lifetime is not None and not SHORTEST <= lifetime <= LONGEST:
        raise InputError("no key can be valid for so long or so short", where="--expires", hint="from 1 s to 3650 d")
    key, granted = Workspace(folder).grant_access(name, [Scope(s) for s in scopes], lifetime)

    def show(screen: Console) -> None:
        screen.print(key, soft_wrap=True)
        screen.print("Keep it now: it is stored only as a digest. Send it as: Authorization: Bearer KEY", style="dim")
        screen.print(f"Its id is {granted.key}: secmlops access withdraw {granted.key}", style="dim")

    return Answer({"api_key": key, "key": granted.key, "name": name, "scopes": list(scopes)}, show)


@command.command("withdraw")
@click.argument("key")
@folder_option
@answering
def withdraw(key: str, folder: Path) -> Answer:
    """Withdraw the API key with the id KEY. A running gateway refuses it within a second."""
    name = Workspace(folder).withdraw_access(key)
    return Answer({"key": key, "name": name}, lambda screen: screen.print(f"withdrawn: {key} of {name}"))


@command.command("list")
@folder_option
@answering
def list_keys(folder: Path) -> Answer:
    """List the API keys: id, owner, scopes, and whether they are in force."""
    grants = list(Workspace(folder).access.grants.values())
    told: list[Json] = [
        {
            "key": g.key,
            "name": g.name,
            "scopes": [str(s) for s in g.scopes],
            "expires": g.expires.isoformat() if g.expires else None,
            "withdrawn": g.withdrawn,
        }
        for g in grants
    ]

    def show(screen: Console) -> None:
        rows = table("id", "name", "scopes", "expires", "state")
        for g in grants:
            expires = f"{g.expires:%Y-%m-%d}" if g.expires else "never"
            rows.add_row(g.key, g.name, ", ".join(g.scopes), expires, "withdrawn" if g.withdrawn else "in force")
        screen.print(rows)

    return Answer({"keys": told}, show)
