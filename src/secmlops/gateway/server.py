"""Running the application: uvicorn on uvloop and httptools, with TLS, bounded, and quiet about itself."""

from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

KEEP_ALIVE_SECONDS = 15
GRACE_SECONDS = 10
CONCURRENT_REQUESTS = 256
BACKLOG = 512


def make_server(app: ASGIApp, host: str, port: int, tls: tuple[Path, Path] | None) -> uvicorn.Server:
    """Server of ``app``; ``tls`` are the certificate's and the key's file, None serves in clear."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        log_level="warning",
        backlog=BACKLOG,
        limit_concurrency=CONCURRENT_REQUESTS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ssl_certfile=str(tls[0]) if tls else None,
        ssl_keyfile=str(tls[1]) if tls else None,
    )
    return uvicorn.Server(config)
