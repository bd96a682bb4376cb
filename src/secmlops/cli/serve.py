"""``secmlops serve``: verify a release and serve it behind the gateway."""

import socket
from pathlib import Path

import click

from secmlops.cli.answer import ExitCode, say
from secmlops.cli.verb import folder_option
from secmlops.core.errors import InputError
from secmlops.gateway.serve import AUTO, NO_TLS, Address, Serving, prepare_serving
from secmlops.workspace import Workspace


@click.command("serve")
@click.argument("release", required=False)
@click.option("--host", help="Address to listen on; that of the project file by default.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; that of the project file by default.")
@click.option("--tls", default=AUTO, show_default=True, help="auto makes a certificate; CERT:KEY names your own files.")
@click.option("--insecure-no-tls", is_flag=True, help="Serve in clear. Leaves evidence.")
@folder_option
def command(
    release: str | None, host: str | None, port: int | None, tls: str, insecure_no_tls: bool, folder: Path
) -> int:
    """Verify RELEASE (a folder name under releases/; the latest by default), then serve it until stopped.

    It speaks the Open Inference Protocol v2. Callers need an API key: secmlops access grant NAME. Every answer is in
    the ledger before it leaves; the header "Secmlops-Receipt: wanted" brings its receipt along.
    """
    workspace = Workspace(folder)
    settings = workspace.project.serving
    address = Address(
        settings.host if host is None else host,
        settings.port if port is None else port,
        None if insecure_no_tls else tls,
    )
    _check_free(address)
    serving = prepare_serving(workspace, workspace.release(release), address)
    if insecure_no_tls:
        say("warning", NO_TLS.message, hint=NO_TLS.hint)
    _announce(serving, address)
    serving.server.run()
    return int(ExitCode.FINE if serving.server.started else ExitCode.INPUT)


def _announce(serving: Serving, address: Address) -> None:
    scheme = "https" if serving.certificate else "http"
    served = serving.served
    say(
        "serving", f"{served.name} {served.version} at {scheme}://{address.host}:{address.port}/v2/models/{served.name}"
    )
    if serving.certificate:
        say("certificate", str(serving.certificate))
    say("stop", "with Ctrl-C")


def _check_free(address: Address) -> None:
    """Raise InputError when the address cannot be listened on."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, where = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        place = f"{address.host}:{address.port}"
        raise InputError(f"cannot listen: {error.strerror}", where=place, hint="name another with --port") from None
