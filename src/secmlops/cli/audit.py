"""``secmlops audit``: read, verify, prove and export the ledger."""

from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer, ExitCode
from secmlops.cli.screen import good, table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Evidence
from secmlops.core.json import Json
from secmlops.ledger.audit import AuditReport, audit
from secmlops.ledger.checkpoint import read_checkpoint
from secmlops.ledger.tiles import export_tiles
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace


@click.group("audit")
def command() -> None:
    """Read, verify, prove and export the ledger: the append-only log of all evidence, rights and predictions."""


@command.command("log")
@click.option("--last", default=50, show_default=True, help="How many entries to show.")
@folder_option
@answering
def log(last: int, folder: Path) -> Answer:
    """Show the latest entries: index, kind, and what they say."""
    workspace = Workspace(folder)
    evidence = {a.index: a.evidence for a in workspace.book.all()}
    start = max(0, workspace.ledger.size - max(1, last))
    entries = [
        (r.place, r.kind, str(Digest.of(r.data)), evidence.get(r.place)) for r in workspace.ledger.entries(start)
    ]
    told: list[Json] = [{"index": i, "kind": k, "digest": d, "says": _says(e)} for i, k, d, e in entries]

    def show(screen: Console) -> None:
        rows = table("index", "kind", "digest", "says")
        for index, kind, digest, said in entries:
            rows.add_row(str(index), kind, digest[7:19], _says(said))
        screen.print(rows)

    return Answer({"origin": workspace.origin, "size": workspace.ledger.size, "entries": told}, show)


@command.command("verify")
@click.option(
    "--earlier", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="A checkpoint kept from before."
)
@folder_option
@answering
def verify(earlier: Path | None, folder: Path) -> Answer:
    """Recompute the whole ledger and find any row that was changed, removed, swapped or never signed.

    It also finds a ledger that was rolled back, or rewritten with the signing key: by the newest checkpoint that is
    kept beside your keys, or by one of your own (--earlier).
    """
    workspace = Workspace(folder)
    keys = workspace.keys.ring().keys(Role.LOG)
    before = read_checkpoint(earlier.read_bytes(), keys, workspace.origin) if earlier else workspace.remembered
    report = audit(workspace.ledger_storage(), keys, workspace.origin, before)
    findings: list[Json] = [{"rule": f.rule, "message": f.message} for f in report.findings]
    data: dict[str, Json] = {"size": report.size, "entries": report.entries, "ok": report.ok, "findings": findings}
    return Answer(data, lambda screen: _show_audit(screen, report), ExitCode.FINE if report.ok else ExitCode.SHUT)


@command.command("prove")
@click.argument("index", type=click.IntRange(min=0))
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the receipt to this file.")
@folder_option
@answering
def prove(index: int, output: Path | None, folder: Path) -> Answer:
    """Print the receipt of entry INDEX: anyone can verify it offline with the log's public key."""
    text = Workspace(folder).ledger.receipt(index)
    if output is None:
        return Answer({"receipt": text}, lambda screen: screen.print(text, soft_wrap=True, end=""))
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(output)) from None
    return Answer({"receipt": text, "file": str(output)}, lambda screen: screen.print(f"written to {output}"))


@command.command("export")
@click.argument("target", type=click.Path(path_type=Path, file_okay=False))
@folder_option
@answering
def export(target: Path, folder: Path) -> Answer:
    """Export the log to the folder TARGET as C2SP tlog-tiles, with the checkpoint and the public keys."""
    workspace = Workspace(folder)
    checkpoint = export_tiles(workspace.ledger, target)
    (target / "trust.json").write_bytes(workspace.keys.ring().to_json())
    data: dict[str, Json] = {"folder": str(target), "size": checkpoint.size, "origin": checkpoint.origin}
    told = f"{checkpoint.size} entries of {checkpoint.origin} exported to {target}"
    return Answer(data, lambda screen: screen.print(told, soft_wrap=True))


def _says(evidence: Evidence | None) -> str:
    if evidence is None:
        return ""
    return f"{evidence.at:%F %T} {evidence.control.id} {evidence.outcome} about {evidence.subject.digest.short}"


def _show_audit(screen: Console, report: AuditReport) -> None:
    for finding in report.findings:
        screen.print(f"✗ {finding.rule}: {finding.message}", style="bold red", soft_wrap=True)
    if report.ok:
        screen.print(good(f"the ledger is sound: {report.entries} entries, all of them signed"))
