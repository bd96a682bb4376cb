"""``secmlops access keys``: make, withdraw and list API keys; and the short forms ``access grant|withdraw|list``."""

from pathlib import Path

import click
from rich.console import Console

from secmlops.access.changes import Grant
from secmlops.access.keys import Narrowing
from secmlops.access.limits import Limits
from secmlops.cli.access.passed_over import known
from secmlops.cli.answer import Answer
from secmlops.cli.screen import table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.json import Json
from secmlops.project.units import parse_duration
from secmlops.workspace import Workspace

DEFAULT_SCOPES = ("predict", "read")

scope_option = click.option(
    "--scope",
    "scopes",
    multiple=True,
    default=DEFAULT_SCOPES,
    help="An action that the key is for, such as predict; give the option once for each. By default predict and read.",
)
expires_option = click.option(
    "--expires", help="How long it is valid, for example 90 d; without it, until it is withdrawn."
)


@click.group("keys")
def command() -> None:
    """Make, withdraw and list API keys. A key narrows what the roles of its user allow."""


@command.command("grant")
@click.argument("user")
@scope_option
@click.option("--model", "models", multiple=True, default=("*",), help="A model it is for, or a pattern: credit-*.")
@expires_option
@click.option("--rate", type=float, help="Rows per second; without it, the server's own limit.")
@click.option("--burst", type=int, help="Rows at once; without it, the server's own limit.")
@click.option("--per-day", type=int, help="Rows per day; without it, the server's own limit.")
@folder_option
@answering
def grant(
    user: str,
    scopes: tuple[str, ...],
    models: tuple[str, ...],
    expires: str | None,
    rate: float | None,
    burst: int | None,
    per_day: int | None,
    folder: Path,
) -> Answer:
    """Make an API key for the user USER and show it, this once."""
    limits = None if rate is burst is per_day is None else Limits(rate=rate, burst=burst, per_day=per_day)
    lifetime = None if expires is None else parse_duration(expires)
    narrowing = Narrowing(scopes=scopes, models=models, lifetime=lifetime, limits=limits)
    return _granted(*Workspace(folder).administration.grant(user, narrowing))


@click.command("grant")
@click.argument("name")
@scope_option
@expires_option
@folder_option
@answering
def grant_anyone(name: str, scopes: tuple[str, ...], expires: str | None, folder: Path) -> Answer:
    """Make an API key for NAME and show it, this once. Whoever is no user yet becomes one, with the role caller."""
    narrowing = Narrowing(scopes=scopes, lifetime=None if expires is None else parse_duration(expires))
    return _granted(*Workspace(folder).administration.grant_anyone(name, narrowing))


@command.command("withdraw")
@click.argument("key")
@folder_option
@answering
def withdraw(key: str, folder: Path) -> Answer:
    """Withdraw the API key with the id KEY. A running gateway refuses it within a second."""
    name = Workspace(folder).administration.withdraw(key).name
    return Answer({"key": key, "name": name}, lambda screen: screen.print(f"withdrawn: {key} of {name}"))


@command.command("list")
@folder_option
@answering
def list_keys(folder: Path) -> Answer:
    """List the API keys: id, user, scopes, models, limits, and whether they are in force."""
    state = known(Workspace(folder).access).state
    grants = list(state.grants.values())

    def show(screen: Console) -> None:
        if not grants:
            screen.print("no API key yet: secmlops access grant NAME makes one")
            return
        rows = table("id", "name", "scopes", "models", "limits", "expires", "state")
        for g in grants:
            expires = f"{g.expires:%Y-%m-%d}" if g.expires else "never"
            state = "withdrawn" if g.withdrawn else "in force"
            rows.add_row(g.key, g.name, ", ".join(g.scopes), ", ".join(g.models), _in_words(g.limits), expires, state)
        screen.print(rows)

    return Answer({"keys": [_told(g) for g in grants], "passed_over": state.passed_over}, show)


def _granted(key: str, granted: Grant) -> Answer:
    def show(screen: Console) -> None:
        screen.print(key, soft_wrap=True)
        screen.print("Keep it now: it is stored only as a digest. Send it as: Authorization: Bearer KEY", style="dim")
        screen.print(f"Its id is {granted.key}: secmlops access withdraw {granted.key}", style="dim")

    return Answer({"api_key": key, **_told(granted)}, show)


def _told(granted: Grant) -> dict[str, Json]:
    limits = granted.limits
    return {
        "key": granted.key,
        "name": granted.name,
        "scopes": list(granted.scopes),
        "models": list(granted.models),
        "limits": {"rate": limits.rate, "burst": limits.burst, "per_day": limits.per_day} if limits else None,
        "expires": granted.expires.isoformat() if granted.expires else None,
        "withdrawn": granted.withdrawn,
    }


def _in_words(limits: Limits | None) -> str:
    if limits is None:
        return "the server's"
    said = (("{:g}/s", limits.rate), ("burst {}", limits.burst), ("{}/day", limits.per_day))
    return ", ".join(form.format(bound) for form, bound in said if bound is not None)
