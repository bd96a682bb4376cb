"""The server: bounded, quiet, and with the TLS that was checked."""

import socket
import ssl

from secmlops.gateway.connection import BoundedProtocol
from secmlops.gateway.listening import listen, port_of
from secmlops.gateway.server import make_server


async def nothing(scope, receive, send):
    """Never called."""


def test_it_is_bounded_and_quiet():
    config = make_server(nothing, "127.0.0.1", 0, None).config
    assert config.http_protocol_class is BoundedProtocol
    assert config.limit_concurrency is None  # the slots bound the connections, and each has one request under way
    assert (config.access_log, config.proxy_headers, config.server_header) == (False, False, False)
    assert config.ws_protocol_class is None


def test_the_context_that_was_checked_is_the_one_that_serves():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    assert make_server(nothing, "127.0.0.1", 0, context).config.ssl is context
    assert make_server(nothing, "127.0.0.1", 0, None).config.ssl is None


def test_who_is_told_that_it_listens_can_connect_at_once():
    async def application(scope, receive, send):
        assert (await receive())["type"] == "lifespan.startup"
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        await send({"type": "lifespan.shutdown.complete"})

    connected = []
    sockets = listen("127.0.0.1", 0)
    server = make_server(application, "127.0.0.1", port_of(sockets), None)

    def connect():
        server.should_exit = True
        socket.create_connection(("127.0.0.1", port_of(sockets)), 5).close()
        connected.append(port_of(sockets))

    server.tell(connect)
    server.run(sockets)
    assert len(connected) == 1
