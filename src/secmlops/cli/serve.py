"""``secmlops serve``: verify releases and serve them behind the gateway; ``secmlops serve status``: how that goes."""

import contextlib
import gc
import signal
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table

from secmlops.cli.answer import Answer, ExitCode, say
from secmlops.cli.screen import table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.errors import InputError, SecmlopsError
from secmlops.gateway.listening import listen, port_of
from secmlops.gateway.presence import FOLDER, present
from secmlops.gateway.serve import ASYNC_AUDIT, AUTO, NO_TLS, Address, Serving, has_traces, prepare_serving
from secmlops.gateway.workers import STOP_SIGNALS, serve_with_workers
from secmlops.project.load import read_serving
from secmlops.serving.settings import AuditMode, ServingSettings
from secmlops.workspace import STATE, Workspace


class ServeGroup(click.Group):
    """``serve`` by itself starts: what is no verb of its own is the release to serve."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the verb in where there is none."""
        return super().parse_args(ctx, args if args and args[0] in self.commands else ["start", *args])


@click.group("serve", cls=ServeGroup)
def command() -> None:
    """Verify releases and serve them behind the gateway."""


@command.command("start")
@click.argument("release", required=False)
@click.option(
    "--config", type=click.Path(path_type=Path), help="A serving.yaml, instead of the project file's section."
)
@click.option("--host", help="Address to listen on; that of the settings by default.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; that of the settings by default.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that answer; those of the settings by default.")
@click.option("--tls", default=AUTO, show_default=True, help="auto makes a certificate; CERT:KEY names your own files.")
@click.option(
    "--client-ca", type=click.Path(path_type=Path), help="Ask clients for a certificate of these authorities."
)
@click.option("--insecure-no-tls", is_flag=True, help="Serve in clear, on loopback. Leaves evidence.")
@click.option("--insecure-network", is_flag=True, help="With --insecure-no-tls: also where others can read along.")
@folder_option
def start(
    release: str | None,
    config: Path | None,
    host: str | None,
    port: int | None,
    workers: int | None,
    tls: str,
    client_ca: Path | None,
    insecure_no_tls: bool,
    insecure_network: bool,
    folder: Path,
) -> int:
    """Verify RELEASE (a folder name under releases/; the latest, and what follows it, by default), then serve it.

    It speaks the Open Inference Protocol v2 and takes what MLflow's clients send. Callers need an API key (secmlops
    access keys grant NAME), a token or a client certificate. Every answer is in the ledger before it leaves, unless the
    settings say async; the header "Secmlops-Receipt: wanted" brings its receipt along.

    "secmlops serve status" tells how a running gateway is doing.
    """
    if insecure_no_tls and tls != AUTO:
        raise InputError("--tls and --insecure-no-tls contradict each other", hint="leave one of them out")
    settings = read_serving(config) if config else Workspace(folder).project.serving
    given = {"host": host, "port": port, "workers": workers}
    settings = msgspec.structs.replace(settings, **{name: value for name, value in given.items() if value is not None})
    address = Address(settings.host, settings.port, None if insecure_no_tls else tls, client_ca, insecure_network)
    address.check()
    if settings.workers > 1:
        _check(folder, release, settings)
    with contextlib.ExitStack() as bound:
        sockets = [bound.enter_context(one) for one in listen(settings.host, settings.port)]
        order = _Order(folder, release, replace(address, port=port_of(sockets)), settings)
        if settings.workers == 1:
            order.serve(sockets, 0)
            sound = True
        else:
            sound = serve_with_workers(settings.workers, lambda number: order.serve(sockets, number), bound.close)
    if not sound:
        return int(ExitCode.BROKEN)
    say("stopped", "every answer that was given is in the ledger")
    return int(ExitCode.FINE)


def _check(folder: Path, release: str | None, settings: ServingSettings) -> None:
    """Tell what is wrong before any worker is made, of which each would say the same; raises what serving does."""
    has_traces(settings)
    looking = Workspace(folder)
    looking.release(release)
    looking.ledger.close()  # an open database must not come along through a fork


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be served, from where, and how."""

    folder: Path
    release: str | None
    address: Address
    settings: ServingSettings

    def serve(self, sockets: Sequence[socket.socket], number: int) -> None:
        """Serve in this process until told to stop; the first of several says so."""
        if self.settings.workers > 1:
            # raised in the middle of a start, a word to stop can be lost in a callback that must not raise
            signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        workspace = Workspace(self.folder)
        serving = prepare_serving(workspace, self.release, self.address, self.settings, 1 / self.settings.workers)
        if number == 0:
            serving.server.tell(partial(_announce, serving, self.address, self.settings))
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # told to stop either way, it has done its work
        gc.collect()
        gc.freeze()  # what is loaded stays: the collector need not look through all of it now and then
        with contextlib.suppress(KeyboardInterrupt):
            serving.server.run(list(sockets))
        _ended(workspace, serving.server.sound)


def _ended(workspace: Workspace, sound: bool) -> None:
    """Keep the state of the logs; raises SecmlopsError when not everything is known to be on record."""
    told = "serving did not end as it should: what was answered may not all be on record"
    if not sound:  # what was wrong is told already
        raise SecmlopsError(told, hint="secmlops audit verify says what is")
    try:
        workspace.remember()
    except SecmlopsError as error:
        raise SecmlopsError(f"{told}: {error.what}", where=error.where, hint=error.hint) from None
    workspace.ledger.close()


def _announce(serving: Serving, address: Address, settings: ServingSettings) -> None:
    if not serving.certificate:
        say("warning", NO_TLS.message, hint=NO_TLS.hint)
    if settings.audit is AuditMode.ASYNC:
        say("warning", ASYNC_AUDIT.message, hint=ASYNC_AUDIT.hint)
    scheme = "https" if serving.certificate else "http"
    place = f"[{address.host}]" if ":" in address.host else address.host
    for served in serving.fleet.served:
        guarded = "guarded" if served.decider.guard else "without an anomaly guard"
        where = f"{scheme}://{place}:{address.port}/v2/models/{served.name}"
        say("serving", f"{served.name} {served.version} at {where}, {guarded}")
    if serving.certificate:
        say("certificate", str(serving.certificate))
    say("stop", "with Ctrl-C")


def _standing(one: Mapping[str, Any]) -> Table:
    """What one process says of itself, one thing a line: names of events are long."""
    told = {
        "serves": [f"{model['name']} {model['version']}" for model in one["models"]],
        "since": [one["since"][:16]],
        "ready": ["yes" if one["ready"] else "no"],
        "requests": [f"{times} {kind}" for kind, times in one["requests"].items()] or ["none"],
        "events": [f"{times} {name}" for name, times in one["events"].items()] or ["none"],
    }
    rows = table("pid", f"{one['pid']}, at {one['address']}")
    for name, values in told.items():
        rows.add_row(name, "\n".join(values))
    return rows


@command.command("status")
@folder_option
@answering
def status(folder: Path) -> Answer:
    """Show the gateways that serve this project's releases now: what they serve, and what they were asked."""
    Workspace(folder).project  # noqa: B018  # a folder that is no project is told
    running = present(folder / STATE / FOLDER)

    def show(screen: Console) -> None:
        if not running:
            screen.print("nothing is served now: secmlops serve")
            return
        for one in running:
            screen.print(_standing(one))

    return Answer({"running": running}, show)
