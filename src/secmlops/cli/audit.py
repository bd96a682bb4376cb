"""``secmlops audit``: read, verify, prove and export the project's two logs."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import click
from rich.console import Console

from secmlops.access.data_right_entries import DATA_RIGHT, read_right
from secmlops.access.data_rights import Right
from secmlops.access.entries import ACCESS, read_change
from secmlops.cli.answer import Answer, ExitCode
from secmlops.cli.screen import good, table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.counting import counted
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.core.json import Json
from secmlops.ledger.anchor import ANCHOR
from secmlops.ledger.audit import AuditReport, audit
from secmlops.ledger.audit_anchored import audit_anchored
from secmlops.ledger.checkpoint import Checkpoint, read_checkpoint
from secmlops.ledger.entry import Record
from secmlops.ledger.log import Ledger
from secmlops.ledger.tiles import export_tiles
from secmlops.ledger.view import LedgerView
from secmlops.serving.record import PREDICTION, PredictionRecord
from secmlops.trust.roles import Role
from secmlops.workspace import Workspace

EVIDENCE, TRAFFIC = "evidence", "traffic"
_WHICH = click.Choice([EVIDENCE, TRAFFIC])
_FILLED_BY: Mapping[str, str] = MappingProxyType(
    {EVIDENCE: "secmlops run puts its evidence there", TRAFFIC: "secmlops serve puts its answers there"}
)

log_option = click.option(
    "--log",
    "which",
    type=_WHICH,
    default=EVIDENCE,
    show_default=True,
    help="evidence: all evidence, rights and releases; traffic: all predictions.",
)


@click.group("audit")
def command() -> None:
    """Read, verify, prove and export the append-only logs: of evidence and rights, and of predictions (traffic)."""


@command.command("log")
@click.option("--last", default=50, show_default=True, help="How many entries to show.")
@log_option
@folder_option
@answering
def log(last: int, which: str, folder: Path) -> Answer:
    """Show the latest entries: index, kind, and what they say."""
    workspace = Workspace(folder)
    ledger = _opened(workspace, which)
    says = _says_evidence(workspace) if which == EVIDENCE else _says_traffic
    start = max(0, ledger.size - max(1, last))
    entries = [(r.place, r.kind, str(Digest.of(r.data)), says(r)) for r in ledger.entries(start)]
    told: list[Json] = [{"index": i, "kind": k, "digest": d, "says": s} for i, k, d, s in entries]

    def show(screen: Console) -> None:
        if not entries:
            screen.print(f"the {which} log is empty: {_FILLED_BY[which]}")
            return
        rows = table("index", "kind", "digest", "says")
        for index, kind, digest, said in entries:
            rows.add_row(str(index), kind, digest[7:19], said)
        screen.print(rows)

    return Answer({"log": which, "origin": ledger.origin, "size": ledger.size, "entries": told}, show)


@command.command("verify")
@click.option("--log", "which", type=_WHICH, help="Only this log; both by default.")
@click.option(
    "--earlier", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="A checkpoint kept from before."
)
@folder_option
@answering
def verify(which: str | None, earlier: Path | None, folder: Path) -> Answer:
    """Recompute the logs and find any row that was changed, removed, swapped or never signed.

    It also finds a log that was rolled back, or rewritten with the signing key: by the newest checkpoints that are
    kept beside your keys, or by one of your own (--earlier). The traffic log is held against its anchors, too: the
    checkpoints of it that the evidence log keeps.
    """
    workspace = Workspace(folder)
    kept = _kept(workspace, earlier)
    audits = {EVIDENCE: _audit_evidence, TRAFFIC: _audit_traffic}
    reports = {name: made(workspace, kept) for name, made in audits.items() if which in (None, name)}
    code = ExitCode.FINE if all(report.ok for report in reports.values()) else ExitCode.SHUT
    return Answer(_reported(reports), lambda screen: _show_audits(screen, reports), code)


@command.command("prove")
@click.argument("entry", metavar="ENTRY")
@log_option
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the receipt to this file.")
@folder_option
@answering
def prove(entry: str, which: str, output: Path | None, folder: Path) -> Answer:
    """Print the receipt of ENTRY, an index or the id of a prediction.

    Anyone can verify it offline with the log's public key.
    """
    text = _receipt(Workspace(folder), which, entry)
    if output is None:
        return Answer({"receipt": text}, lambda screen: screen.print(text, soft_wrap=True, end=""))
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(output)) from None
    return Answer({"receipt": text, "file": str(output)}, lambda screen: screen.print(f"written to {output}"))


@command.command("export")
@click.argument("target", type=click.Path(path_type=Path, file_okay=False))
@log_option
@folder_option
@answering
def export(target: Path, which: str, folder: Path) -> Answer:
    """Export a log to the folder TARGET as C2SP tlog-tiles, with the checkpoint and the public keys."""
    workspace = Workspace(folder)
    checkpoint = export_tiles(_opened(workspace, which), target)
    (target / "trust.json").write_bytes(workspace.keys.ring().to_json())
    data: dict[str, Json] = {"folder": str(target), "size": checkpoint.size, "origin": checkpoint.origin}
    told = f"{counted(checkpoint.size, 'entry', 'entries')} of {checkpoint.origin} exported to {target}"
    return Answer(data, lambda screen: screen.print(told, soft_wrap=True))


def _opened(workspace: Workspace, which: str) -> Ledger:
    if which == EVIDENCE:
        return workspace.ledger
    if workspace.traffic_storage() is None:
        raise InputError("there is no traffic log: nothing was served yet", where=str(workspace.folder))
    return workspace.traffic


def _says_evidence(workspace: Workspace) -> Callable[[Record], str]:
    evidence = {attested.index: attested.evidence for attested in workspace.book.all()}

    def says(record: Record) -> str:
        found = evidence.get(record.place)
        if found is not None:
            return f"{found.at:%F %T} {found.control.id} {found.outcome} about {found.subject.digest.short}"
        if record.kind == ACCESS:
            return _says_access(workspace, record)
        if record.kind == DATA_RIGHT:
            return _says_right(workspace, record)
        return _says_anchor(workspace, record.data) if record.kind == ANCHOR else ""

    return says


def _says_access(workspace: Workspace, record: Record) -> str:
    try:
        signed = read_change(record, workspace.keys.ring(), workspace.origin)
    except VerificationError as error:
        return f"counts for nothing: {error.what}"
    change = signed.change
    undone = getattr(change, "withdrawn", False) or getattr(change, "removed", False)
    by = ", by a revoked key" if signed.revoked else ""
    named = getattr(change, "name", "") or getattr(change, "issuer", "")
    return f"{change.at:%F %T} {type(change).__name__.lower()} {named} {'withdrawn' if undone else 'set'}{by}"


def _says_right(workspace: Workspace, record: Record) -> str:
    try:
        signed = read_right(record, workspace.keys.ring(), workspace.origin)
    except VerificationError as error:
        return f"counts for nothing: {error.what}"
    right = signed.right
    may = [f"{kind} {', '.join(right.columns(kind))}" for kind in Right if right.columns(kind)]
    by = ", by a revoked key" if signed.revoked else ""
    return f"{right.at:%F %T} {right.holder} may {' and '.join(may) or 'nothing'} of {right.dataset}{by}"


def _says_anchor(workspace: Workspace, note: bytes) -> str:
    keys = workspace.keys.ring().revoking_none().keys(Role.LOG)  # its place vouches for it, whoever signed it
    try:
        checkpoint = read_checkpoint(note, keys, workspace.traffic_origin)
    except VerificationError as error:
        return f"forged: {error.what}"
    return f"the traffic log had {counted(checkpoint.size, 'entry', 'entries')}"


def _says_traffic(entry: Record) -> str:
    if entry.kind != PREDICTION:
        return ""
    record = PredictionRecord.from_json(entry.data)
    verdicts = " ".join(filter(None, (record.verdicts.validation, record.verdicts.guard, record.verdicts.watch)))
    told = f"{record.at:%F %T} {counted(record.rows, 'row')} by model {record.model[7:19]} for {record.identity}"
    return f"{told}: {verdicts}" if verdicts else told


def _kept(workspace: Workspace, earlier: Path | None) -> list[Checkpoint]:
    """Checkpoints to hold the logs against: those beside the keys, and the user's own."""
    kept = [one for one in (workspace.remembered, workspace.remembered_traffic) if one is not None]
    if earlier is None:
        return kept
    own = read_checkpoint(earlier.read_bytes(), workspace.keys.ring().keys(Role.LOG))
    if own.origin not in {workspace.origin, workspace.traffic_origin}:
        what = f"the earlier checkpoint is of another ledger: {own.origin}"
        raise InputError(what, where=str(earlier), hint=f"expected {workspace.origin}")
    return [*kept, own]


def _audit_evidence(workspace: Workspace, kept: list[Checkpoint]) -> AuditReport:
    ours = [one for one in kept if one.origin == workspace.origin]
    return audit(workspace.ledger_storage(), workspace.keys.ring().keys(Role.LOG), workspace.origin, *ours)


def _audit_traffic(workspace: Workspace, kept: list[Checkpoint]) -> AuditReport:
    origin, keys = workspace.traffic_origin, workspace.keys.ring().keys(Role.LOG)
    evidence = LedgerView(workspace.ledger_storage(), keys, workspace.origin)
    ours = [one for one in kept if one.origin == origin]
    revoked = [key for key in workspace.keys.ring().revoking_none().keys(Role.LOG) if key not in keys]
    return audit_anchored(workspace.traffic_storage(), keys, origin, evidence, *ours, revoked=revoked)


def _receipt(workspace: Workspace, which: str, entry: str) -> str:
    if entry.isascii() and entry.isdecimal() and len(entry) <= 18:
        return _opened(workspace, which).receipt(int(entry))
    ledger = _opened(workspace, TRAFFIC)
    for found in ledger.find(entry):
        if found.kind == PREDICTION and PredictionRecord.from_json(found.data).id == entry:
            return ledger.receipt(found.place)
    raise InputError(f"no prediction {entry[:80]!r} in the traffic log", hint="an index, or the id of a prediction")


def _reported(reports: Mapping[str, AuditReport]) -> dict[str, Json]:
    logs: dict[str, Json] = {
        name: {"size": report.size, "entries": report.entries, "ok": report.ok} for name, report in reports.items()
    }
    findings: list[Json] = [
        {"log": name, "rule": f.rule, "message": f.message} for name, report in reports.items() for f in report.findings
    ]
    return {"ok": all(report.ok for report in reports.values()), "logs": logs, "findings": findings}


def _show_audits(screen: Console, reports: Mapping[str, AuditReport]) -> None:
    for name, report in reports.items():
        for finding in report.findings:
            screen.print(f"✗ {finding.rule}: {finding.message}, in the {name} log", style="bold red", soft_wrap=True)
        if report.ok and name == TRAFFIC and not report.entries:
            screen.print(good("the traffic log is empty: no prediction was given"))
        elif report.ok:
            many = (
                "1 entry, and it is"
                if report.entries == 1
                else f"{counted(report.entries, 'entry', 'entries')}, all of them"
            )
            screen.print(good(f"the {name} log is sound: {many} signed"))
