"""The server: bounded, quiet, and with the TLS that was checked."""

import ssl

from secmlops.gateway.connection import BoundedProtocol
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
