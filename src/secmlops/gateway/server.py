"""Running the application: uvicorn on uvloop and httptools, with TLS, bounded, and quiet about itself."""

import asyncio
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from functools import partial

import uvicorn

from secmlops.gateway.asgi import Application
from secmlops.gateway.connection import BoundedProtocol
from secmlops.gateway.slots import Slots
from secmlops.gateway.workers import STOP_SIGNALS

KEEP_ALIVE_SECONDS = 15
GRACE_SECONDS = 10
HANDSHAKE_SECONDS = 10.0
BACKLOG = 512
NOT_STARTED = 3
"""Exit code, as of uvicorn itself."""


class Server(uvicorn.Server):
    """Listens on sockets that are bound already. Clients have so many places, and little time to shake hands.

    ``slots`` take the place of uvicorn's own limit, which once it is reached refuses the requests of everyone, those
    with a connection included.
    """

    def __init__(self, config: uvicorn.Config, slots: Slots) -> None:
        super().__init__(config)
        self._slots = slots
        self._listener: Callable[[], None] = _nobody

    def tell(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` as soon as clients can connect: not before, whoever is told so tries at once."""
        self._listener = listener

    @property
    def sound(self) -> bool:
        """Whether the application ended as it should, where it has begun and ended."""
        return "lifespan" not in vars(self) or not self.lifespan.should_exit

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then listen; raises SystemExit when the application cannot start."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)  # now there is someone who hears them
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            sys.exit(NOT_STARTED)
        loop = asyncio.get_running_loop()
        protocol = partial(
            BoundedProtocol,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
            slots=self._slots,
        )
        seconds = HANDSHAKE_SECONDS if self.config.ssl else None
        self.servers = [
            await loop.create_server(
                protocol,
                sock=one,
                ssl=self.config.ssl,
                backlog=BACKLOG,
                ssl_handshake_timeout=seconds,
                ssl_shutdown_timeout=seconds,
            )
            for one in sockets or ()
        ]
        self.started = True
        self._listener()


def _nobody() -> None:
    """Nobody waits to be told."""


def make_server(
    app: Application, host: str, port: int, tls: ssl.SSLContext | None, slots: Slots | None = None
) -> Server:
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
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    config.load()
    config.ssl = tls  # the one that was checked: no file is read a second time
    return Server(config, slots or Slots())
