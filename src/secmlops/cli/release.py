"""``secmlops release``: list the releases of a project, and revoke one."""

from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer
from secmlops.cli.screen import table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.lifecycle.releases import obstacle_to, publications, revocation_of
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace

_LONGEST_REASON = 500
EPILOG = """\b
For example:
  secmlops release list
  secmlops release revoke credit-risk-3 --reason "trained on mislabelled rows"
"""


@click.group("release", epilog=EPILOG)
def command() -> None:
    """List the releases of a project, and revoke those that must not be used any more."""


@command.command("list")
@folder_option
@answering
def list_releases(folder: Path) -> Answer:
    """List the releases that the ledger knows, oldest first, and whether each may be used."""
    workspace = Workspace(folder)
    told: list[dict[str, Json]] = [
        {
            "release": one.folder,
            "digest": str(one.envelope),
            "obstacle": obstacle_to(workspace.book, one.envelope, one.model),
        }
        for one in publications(workspace.book, workspace.project.name)
    ]

    def show(screen: Console) -> None:
        if not told:
            screen.print("no release yet: secmlops run makes one")
            return
        rows = table("release", "may be used")
        for one in told:
            rows.add_row(str(one["release"]), f"no: {one['obstacle']}" if one["obstacle"] else "yes")
        screen.print(rows)

    return Answer({"releases": list(told)}, show)


@command.command("revoke")
@click.argument("release")
@click.option("--reason", required=True, help="Why; it is put in the ledger, for ever.")
@folder_option
@answering
def revoke(release: str, reason: str, folder: Path) -> Answer:
    """Revoke RELEASE (a folder name under releases/): a gateway that serves it stops within a second.

    This cannot be taken back. Change what was wrong, the data or the training, and secmlops run makes another release.
    """
    if not reason.strip() or len(reason) > _LONGEST_REASON or not reason.isprintable():
        raise InputError("that is no reason", where="--reason", hint=f"1 to {_LONGEST_REASON} printable characters")
    workspace = Workspace(folder)
    history = publications(workspace.book, workspace.project.name)
    found = next((p for p in reversed(history) if p.folder == release), None)
    if found is None:
        hint = "secmlops release list shows them"
        raise InputError(f"{release} was never published here", where=str(workspace.releases), hint=hint)
    evidence = revocation_of(found, reason.strip(), workspace.clock())
    workspace.book.append(evidence, workspace.keys.signer(Role.RELEASER))
    workspace.remember()

    def show(screen: Console) -> None:
        screen.print(f"revoked: {release}; no gateway serves it any more")

    return Answer({"release": release, "digest": str(found.envelope), "reason": reason.strip()}, show)
