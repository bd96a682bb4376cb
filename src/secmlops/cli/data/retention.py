"""``secmlops data retention``: which data are due, and destroying them, with a certificate in the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer, ExitCode, say
from secmlops.cli.screen import bad, good, table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.counting import counted
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.core.policy import CLOCK_TOLERANCE
from secmlops.datasets import column_store_of
from secmlops.lifecycle.retention import HeldData, Retention, latest_time
from secmlops.project.load import FILE_NAME
from secmlops.project.units import parse_duration
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace


@dataclass(frozen=True, slots=True)
class _Destroyed:
    """What became of one table: the entry of its certificate, how many objects are gone, and how many are not."""

    digest: Digest
    entry: int
    gone: int
    left: int


@click.command("retention")
@click.option("--delete", is_flag=True, help="Show what would be destroyed; with --yes, destroy it.")
@click.option("--yes", is_flag=True, help="With --delete: destroy the keys of what is due; no copy can be read again.")
@folder_option
@answering
def command(delete: bool, yes: bool, folder: Path) -> Answer:
    """Show how long each source table may be kept, and which are due; with --delete --yes, destroy those.

    What was made of a table goes with it, up to the models: they stay, with what is released beside them. The files in
    the project's folder are yours to delete. Of a clock that is behind the ledger, the ledger's time counts.
    """
    if yes and not delete:
        raise InputError("--yes says yes to nothing", hint="secmlops data retention --delete --yes")
    workspace = Workspace(folder)
    record = workspace.project.data.governance
    if record is None:
        hint = "add data.governance to the project file"
        raise InputError("nothing says how long the data may be kept", where=str(folder / FILE_NAME), hint=hint)
    period, clock = parse_duration(record.retention), workspace.clock()
    now = latest_time(workspace.book.all(), clock)
    if now - clock > CLOCK_TOLERANCE:
        say("warning", f"the clock says {clock:%F %H:%M} UTC; the ledger has been at {now:%F %H:%M}, which counts")
    destroyed = _destroy(workspace, period, now) if delete and yes else []
    tables = _retention(workspace).held(period, now)
    data: dict[str, Json] = {
        "retention": record.retention,
        "data": [_json(held, now) for held in tables],
        "destroyed": [
            {"digest": str(d.digest), "entry": d.entry, "destroyed_objects": d.gone, "left_objects": d.left}
            for d in destroyed
        ],
    }
    code = ExitCode.SHUT if any(d.left for d in destroyed) else ExitCode.FINE
    planned = [held for held in tables if held.is_due(now)] if delete and not yes else []
    return Answer(data, lambda screen: _show(screen, tables, destroyed, planned, now), code)


def _destroy(workspace: Workspace, period: timedelta, now: datetime) -> list[_Destroyed]:
    """Destroy what is due, table by table, each with its certificate."""
    destroyed = []
    with workspace.locked():
        retention = _retention(workspace)
        for held in retention.held(period, now):
            if held.is_due(now):
                certificate = retention.destroy(held, period, now)
                entry = workspace.book.append(certificate, workspace.keys.signer(Role.ENGINEER)).index
                measures = certificate.measures
                gone, left = int(measures["destroyed_objects"]), int(measures["left_objects"])
                destroyed.append(_Destroyed(held.digest, entry, gone, left))
        workspace.remember()
    return destroyed


def _retention(workspace: Workspace) -> Retention:
    return Retention(workspace.book.all(), workspace.vault, column_store_of(workspace))


def _json(held: HeldData, now: datetime) -> dict[str, Json]:
    return {
        "digest": str(held.digest),
        "since": held.since.isoformat(),
        "until": held.until.isoformat(),
        "due": held.is_due(now),
        "objects": len(held.objects),
        "left": len(held.left),
        "models": [str(digest) for digest in held.models],
        "certificate": held.certificate,
    }


def _show(
    screen: Console,
    tables: Sequence[HeldData],
    destroyed: Sequence[_Destroyed],
    planned: Sequence[HeldData],
    now: datetime,
) -> None:
    rows = table("source table", "known since", "kept until", "objects left", "state")
    for held in tables:
        certified = f"destroyed, certificate in entry {held.certificate}"
        state = "due" if held.is_due(now) else certified if held.certificate is not None and not held.left else "kept"
        left = f"{len(held.left)} of {len(held.objects)}"
        rows.add_row(held.digest.short, f"{held.since:%F}", f"{held.until:%F}", left, state)
    screen.print(rows if tables else "the ledger knows no data yet")
    for one in destroyed:
        told = f"{one.digest.short}: {counted(one.gone, 'object')} destroyed, certificate in entry {one.entry}"
        screen.print(bad(f"{told}; {one.left} are still there") if one.left else good(told))
    for held in planned:
        screen.print(f"{held.digest.short}: would be destroyed, with the keys of {counted(len(held.left), 'object')}:")
        for address in held.left:
            screen.print(f"  {address.kind} {address.digest.short}")
    if any(held.is_due(now) for held in tables):
        screen.print("secmlops data retention --delete --yes destroys what is due, for good")
