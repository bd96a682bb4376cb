"""``secmlops serve``: verify a release and serve it behind the gateway."""

import contextlib
import signal
from pathlib import Path

import click

from secmlops.cli.answer import ExitCode, say
from secmlops.cli.verb import folder_option
from secmlops.core.errors import InputError
from secmlops.gateway.listening import listen, port_of
from secmlops.gateway.serve import AUTO, NO_TLS, Address, Serving, prepare_serving
from secmlops.workspace import Workspace


@click.command("serve")
@click.argument("release", required=False)
@click.option("--host", help="Address to listen on; that of the project file by default.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; that of the project file by default.")
@click.option("--tls", default=AUTO, show_default=True, help="auto makes a certificate; CERT:KEY names your own files.")
@click.option("--insecure-no-tls", is_flag=True, help="Serve in clear, on loopback. Leaves evidence.")
@click.option("--insecure-network", is_flag=True, help="With --insecure-no-tls: also where others can read along.")
@folder_option
def command(
    release: str | None,
    host: str | None,
    port: int | None,
    tls: str,
    insecure_no_tls: bool,
    insecure_network: bool,
    folder: Path,
) -> int:
    """Verify RELEASE (a folder name under releases/; the latest by default), then serve it until stopped.

    It speaks the Open Inference Protocol v2. Callers need an API key: secmlops access grant NAME. Every answer is in
    the ledger before it leaves; the header "Secmlops-Receipt: wanted" brings its receipt along.
    """
    if insecure_no_tls and tls != AUTO:
        raise InputError("--tls and --insecure-no-tls contradict each other", hint="leave one of them out")
    workspace = Workspace(folder)
    settings = workspace.project.serving
    host, port = settings.host if host is None else host, settings.port if port is None else port
    address = Address(host, port, None if insecure_no_tls else tls, insecure_network)
    address.check()
    with contextlib.ExitStack() as bound:
        sockets = [bound.enter_context(one) for one in listen(host, port)]
        serving = prepare_serving(workspace, workspace.release(release), address)
        if insecure_no_tls:
            say("warning", NO_TLS.message, hint=NO_TLS.hint)
        _announce(serving, host, port_of(sockets))
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # told to stop either way, it has done its work
        with contextlib.suppress(KeyboardInterrupt):
            serving.server.run(sockets)
    workspace.ledger.close()
    say("stopped", "every answer that was given is in the ledger")
    return int(ExitCode.FINE)


def _announce(serving: Serving, host: str, port: int) -> None:
    scheme = "https" if serving.certificate else "http"
    place = f"[{host}]" if ":" in host else host
    served = serving.served
    say("serving", f"{served.name} {served.version} at {scheme}://{place}:{port}/v2/models/{served.name}")
    if serving.certificate:
        say("certificate", str(serving.certificate))
    say("stop", "with Ctrl-C")
