"""Running the application: uvicorn on uvloop and httptools, with TLS, bounded, and quiet about itself."""

import ssl

import uvicorn

from secmlops.gateway.asgi import Application
from secmlops.gateway.connection import BoundedProtocol

KEEP_ALIVE_SECONDS = 15
GRACE_SECONDS = 10
CONCURRENT_REQUESTS = 256
BACKLOG = 512


def make_server(app: Application, host: str, port: int, tls: ssl.SSLContext | None) -> uvicorn.Server:
    """Server of ``app``; without ``tls`` it serves in clear."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_level="error",
        backlog=BACKLOG,
        limit_concurrency=CONCURRENT_REQUESTS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    config.load()
    config.ssl = tls  # the one that was checked: no file is read a second time
    return uvicorn.Server(config)
