"""``secmlops access roles``: add, remove, list and show roles."""

from collections.abc import Iterable
from pathlib import Path

import click
from rich.console import Console

from secmlops.access.permissions import Permission
from secmlops.access.roles import BUILT_IN
from secmlops.cli.access.passed_over import known
from secmlops.cli.answer import Answer
from secmlops.cli.screen import table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.workspace import Workspace


@click.group("roles")
def command() -> None:
    """Add, remove, list and show roles. A role is a set of permissions; some are built in."""


@command.command("add")
@click.argument("name")
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    required=True,
    metavar="'ACTION RESOURCE'",
    help="A permission, such as 'predict model:credit-*'; give the option once for each.",
)
@folder_option
@answering
def add(name: str, allowed: tuple[str, ...], folder: Path) -> Answer:
    """Add the role NAME with these permissions. Of one that is there, the permissions become these."""
    role = Workspace(folder).administration.set_role(name, [Permission.read(text) for text in allowed])
    return _answer(name, role.permissions)


@command.command("remove")
@click.argument("name")
@folder_option
@answering
def remove(name: str, folder: Path) -> Answer:
    """Remove the role NAME. Whoever has it loses what it allowed; a running gateway knows within a second."""
    role = Workspace(folder).administration.remove_role(name)
    return Answer({"role": role.name, "removed": True}, lambda screen: screen.print(f"removed: {role.name}"))


@command.command("list")
@folder_option
@answering
def list_roles(folder: Path) -> Answer:
    """List the roles: built in, or the project's own."""
    own = [role for role in known(Workspace(folder).access).state.roles.values() if not role.removed]
    kinds = {**dict.fromkeys(BUILT_IN, "built in"), **dict.fromkeys((role.name for role in own), "own")}

    def show(screen: Console) -> None:
        rows = table("role", "kind")
        for name, kind in kinds.items():
            rows.add_row(name, kind)
        screen.print(rows)

    roles: list[Json] = [{"role": name, "built_in": kind == "built in"} for name, kind in kinds.items()]
    return Answer({"roles": roles}, show)


@command.command("show")
@click.argument("name")
@folder_option
@answering
def show_role(name: str, folder: Path) -> Answer:
    """Show what the role NAME allows."""
    role = Workspace(folder).access.state.roles.get(name)
    if name not in BUILT_IN and (role is None or role.removed):
        raise InputError(f"there is no role {name[:64]!r}", hint="secmlops access roles list shows them")
    return _answer(name, BUILT_IN[name] if role is None else role.permissions)


def _answer(name: str, permissions: Iterable[Permission]) -> Answer:
    lines = [str(permission) for permission in permissions]

    def show(screen: Console) -> None:
        for line in lines:
            screen.print(line)

    return Answer({"role": name, "permissions": lines}, show)
