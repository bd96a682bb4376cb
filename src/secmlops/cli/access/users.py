"""``secmlops access users``: add, remove, list and show users. A user has roles."""

from pathlib import Path

import click
from rich.console import Console

from secmlops.access.changes import User
from secmlops.access.state import AccessState
from secmlops.cli.access.passed_over import known
from secmlops.cli.answer import Answer
from secmlops.cli.screen import table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.workspace import Workspace


@click.group("users")
def command() -> None:
    """Add, remove, list and show users. A user has roles, which say what may be done."""


@command.command("add")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="A role; give the option once for each.")
@folder_option
@answering
def add(name: str, roles: tuple[str, ...], folder: Path) -> Answer:
    """Add the user NAME with these roles. Of one who is there, the roles become these."""
    user = Workspace(folder).administration.set_user(name, roles)
    return Answer(_told(user), lambda screen: screen.print(f"{user.name}: {', '.join(user.roles)}"))


@command.command("remove")
@click.argument("name")
@folder_option
@answering
def remove(name: str, folder: Path) -> Answer:
    """Remove the user NAME, with their keys and certificates. A running gateway refuses them within a second."""
    user = Workspace(folder).administration.remove_user(name)
    return Answer(_told(user), lambda screen: screen.print(f"removed: {user.name}"))


@command.command("list")
@folder_option
@answering
def list_users(folder: Path) -> Answer:
    """List the users and their roles."""
    users = [u for u in known(Workspace(folder).access).state.users.values() if not u.removed]

    def show(screen: Console) -> None:
        rows = table("user", "roles")
        for user in users:
            rows.add_row(user.name, ", ".join(user.roles))
        screen.print(rows)

    return Answer({"users": [_told(user) for user in users]}, show)


@command.command("show")
@click.argument("name")
@folder_option
@answering
def show_user(name: str, folder: Path) -> Answer:
    """Show what the user NAME may do, and with which keys and certificates."""
    book = Workspace(folder).access
    user = book.state.users.get(name)
    if user is None or user.removed:
        raise InputError(f"there is no user {name[:64]!r}", hint="secmlops access users list shows them")
    allowed = [str(p) for p in book.directory.identity("", name, user.roles).permissions]
    credentials = _credentials(book.state, name)

    def show(screen: Console) -> None:
        screen.print(f"{name}: {', '.join(user.roles)}")
        for line in allowed:
            screen.print(f"  may {line}")
        for line in credentials:
            screen.print(f"  has {line}")

    return Answer({**_told(user), "may": allowed, "has": credentials}, show)


def _credentials(state: AccessState, name: str) -> list[str]:
    keys = [f"key:{g.key}" for g in state.grants.values() if g.name == name and not g.withdrawn]
    return keys + [
        f"cert:{c.fingerprint[:16]}" for c in state.certificates.values() if c.name == name and not c.removed
    ]


def _told(user: User) -> dict[str, Json]:
    return {"user": user.name, "roles": list(user.roles), "removed": user.removed}
