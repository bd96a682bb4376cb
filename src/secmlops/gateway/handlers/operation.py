"""How the gateway itself is doing, and what it offers."""

from secmlops import __version__
from secmlops.gateway.exchange import Refused, Request, Response
from secmlops.gateway.gateway import Gateway
from secmlops.gateway.responses import answer, text
from secmlops.serving.oip import server_metadata

EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"


async def live(gateway: Gateway, request: Request) -> Response:
    """Say that the process answers."""
    return answer({"live": True})


async def ready(gateway: Gateway, request: Request) -> Response:
    """Say whether predictions can be answered: releases in force, rights known, the log writable as of last time.

    The protocol's text names the member ``live``, its implementations ``ready``: both are there.
    """
    if not gateway.ready:
        raise Refused(503)
    return answer({"live": True, "ready": True})


async def server(gateway: Gateway, request: Request) -> Response:
    """Describe the server."""
    return answer(server_metadata(__version__))


async def metrics(gateway: Gateway, request: Request) -> Response:
    """Give the metrics of this process, in the text format of Prometheus."""
    return text(gateway.metrics.exposition().decode(), EXPOSITION)


async def status(gateway: Gateway, request: Request) -> Response:
    """Say what is served, and what came so far."""
    return answer({"name": "secmlops", "version": __version__, **gateway.summary()})
