"""``secmlops report``: one HTML page of all evidence, for auditors, engineers and managers."""

import os
import secrets
from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer
from secmlops.cli.progress import RunProgress
from secmlops.cli.verb import answering, folder_option
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, SecmlopsError
from secmlops.pipeline import journey_of
from secmlops.release.bundle import Release
from secmlops.release.verify import Check
from secmlops.report.gather import gather
from secmlops.report.render import render_report
from secmlops.verification import verify_path
from secmlops.workspace import Workspace

FILE = "report.html"


@click.command("report")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help=f"The file; {FILE} in the project's folder."
)
@folder_option
@answering
def command(output: Path | None, folder: Path) -> Answer:
    """Write one self-contained HTML page: the verdict, what was checked, pictures, threats, gaps, how to verify it.

    Runs nothing and records nothing; the latest release is verified with your own keys.
    """
    file = write_report(Workspace(folder), output or folder / FILE)
    digest = Digest.of(file.read_bytes())
    return Answer(
        {"file": str(file), "digest": str(digest)},
        lambda screen: _show(screen, file, digest),
    )


def write_report(workspace: Workspace, file: Path) -> Path:
    """Write the report of the project as it stands now; the file appears whole or not at all."""
    release, checks = _verified(workspace)
    journey = journey_of(workspace, RunProgress())
    write_page(file, render_report(gather(journey, release, checks)))
    return file


def _verified(workspace: Workspace) -> tuple[Release | None, tuple[Check, ...]]:
    """Return the latest release and its checks; one that cannot even be read has one check, which does not hold."""
    names = workspace.release_names()
    if not names:
        return None, ()
    release: Release | None = None
    try:
        release = workspace.release(names[-1])
        return release, verify_path(workspace.releases / names[-1], workspace.keys.ring()).checks
    except SecmlopsError as error:
        return release, (Check(f"release {names[-1]}", False, str(error)),)


def write_page(file: Path, page: str) -> None:
    """Write a page: it appears whole or not at all."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        with draft.open("x", encoding="utf-8") as opened:
            opened.write(page)
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(file)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(file)) from None
    finally:
        draft.unlink(missing_ok=True)


def _show(screen: Console, file: Path, digest: Digest) -> None:
    screen.print(f"✓ written: {file}", style="green", soft_wrap=True)
    screen.print(f"  {digest}", style="dim", soft_wrap=True)
